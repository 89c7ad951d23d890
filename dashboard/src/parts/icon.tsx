import type { IconName } from './icon-names.ts'

/** 16 px, in the colour of the text; decoration, so a button of an icon alone needs a label. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" aria-hidden="true" width="16" height="16">
      <use href={`#icon-${name}`} />
    </svg>
  )
}
