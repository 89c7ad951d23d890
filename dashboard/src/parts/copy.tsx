import type { ComponentChildren } from 'preact'
import { Icon } from './icon.tsx'
import { toast } from './toasts.tsx'

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(`${what} copied`)
  } catch {
    // Browsers give pages without TLS no clipboard.
    toast(`This browser does not let the page copy. Select the ${what} and copy it yourself.`)
  }
}

/** Copies `text`; says so. */
export function CopyButton({
  text,
  what,
  children,
}: {
  text: string
  /** Names it in what is said: `id`, `link`. */
  what: string
  children?: ComponentChildren
}) {
  return (
    <button
      type="button"
      class="button quiet"
      aria-label={children === undefined ? `Copy ${what}` : undefined}
      title={`Copy ${what}`}
      onClick={() => void copyText(text, what)}
    >
      <Icon name="copy" />
      {children}
    </button>
  )
}
