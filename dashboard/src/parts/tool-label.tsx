import { Icon } from './icon.tsx'
import type { IconName } from './icon-names.ts'

/** Label of a tool: its icon, and its name where there is width; the button has a name of its own. */
export function ToolLabel({ icon, text }: { icon: IconName; text: string }) {
  return (
    <>
      <Icon name={icon} />{' '}
      <span class="wide-only" aria-hidden="true">
        {text}
      </span>
    </>
  )
}
