import { CopyButton } from '../../../parts/copy.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Notice } from '../../../parts/notices.tsx'

/** The answer that has a new key in it. */
export interface MadeKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt: string | null
  readonly key: string
}

/**
 * A new key, this once. It is held by nothing but what renders it: closed, it is in no place of the
 * page.
 */
export function NewKey({
  made,
  title,
  note,
  onClose,
}: {
  made: MadeKey
  title: string
  /** What else to know: until when an earlier key is good. */
  note?: preact.ComponentChildren
  onClose: () => void
}) {
  return (
    // Escape must not lose it: it is closed by the button alone.
    <Dialog title={title} onClose={() => undefined}>
      <ShownKey made={made} />
      {note !== undefined && <p>{note}</p>}
      <div class="actions end">
        <button type="button" class="button primary" onClick={onClose}>
          I have stored it
        </button>
      </div>
    </Dialog>
  )
}

/** The key itself with what copies it, and how to give it to a program. */
export function ShownKey({ made }: { made: MadeKey }) {
  return (
    <>
      <Notice kind="warn">
        <span>Copy it now: Flint keeps a hash only and cannot show it again.</span>
      </Notice>
      <div class="secret">
        <code>{made.key}</code>
        <CopyButton text={made.key} what="key">
          Copy
        </CopyButton>
      </div>
      <p class="small muted">
        Scopes <code>{made.scopes.join(' ')}</code>
        {made.expiresAt !== null && (
          <>
            , until <Moment at={made.expiresAt} to="min" />
          </>
        )}
        . Gates know it within seconds. Programs take it from the environment,{' '}
        <code>FLINT_API_KEY</code>: <a href="/ui/start">code for a first call</a>.
      </p>
    </>
  )
}
