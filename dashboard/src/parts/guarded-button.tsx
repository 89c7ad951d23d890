import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/**
 * A button that stays where it is for a role that may not use it, and then says which role may.
 * It can still be focused, so that the reason is found without a pointer.
 */
export function GuardedButton({
  why,
  kind = '',
  name,
  onClick,
  children,
}: {
  /** Why it cannot be used; null: it can. */
  why: string | null
  kind?: 'primary' | 'danger' | 'quiet' | ''
  /** Accessible name, where several buttons of a page show the same text. */
  name?: string
  onClick: () => void
  children: ComponentChildren
}) {
  const id = useId()
  return (
    <>
      <button
        type="button"
        class={`button ${kind}`}
        aria-label={name}
        aria-disabled={why === null ? undefined : 'true'}
        aria-describedby={why === null ? undefined : id}
        title={why ?? undefined}
        onClick={why === null ? onClick : undefined}
      >
        {children}
      </button>
      {why !== null && (
        <span id={id} class="visually-hidden">
          {why}
        </span>
      )}
    </>
  )
}
