import { useState } from 'preact/hooks'
import { ApiError } from '../../api/request.ts'
import { session, signIn } from '../../api/session.ts'
import { Notice } from '../../parts/notices.tsx'

const WHY = {
  idle: 'You were signed out because nothing was done here for a while.',
  expired: 'Your session came to its end.',
  revoked: 'Your session was ended, or its key was revoked.',
  signed_out: 'You are signed out.',
} as const

type Proof = Parameters<typeof signIn>[0]

/** Signing in by what one proves; `enter` keeps what was wrong with it. */
export function useSignIn() {
  const [error, setError] = useState<ApiError | null>(null)
  const [isBusy, setBusy] = useState(false)
  async function enter(by: Proof): Promise<void> {
    setBusy(true)
    setError(null)
    try {
      await signIn(by)
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setError(failure)
    }
    setBusy(false)
  }
  return { enter, error, isBusy }
}

/** Why one is here, and the ways in; an identity provider leads back to `next`. */
export function SignInForm({
  by: { enter, error, isBusy },
  next,
}: {
  by: ReturnType<typeof useSignIn>
  next: string
}) {
  const [key, setKey] = useState('')
  const state = session.value
  return (
    <>
      {state?.why != null && <Notice>{WHY[state.why]}</Notice>}
      {error !== null && (
        <Notice kind="bad">
          <span>{error.message}</span>
        </Notice>
      )}
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault()
          void enter({ key: key.trim() })
        }}
      >
        <label class="field">
          <span>Flint key</span>
          <input
            class="input"
            type="password"
            name="password"
            autocomplete="current-password"
            required
            placeholder="flnt_live_…"
            aria-invalid={error !== null}
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p class="small muted">
          It needs the scope <code>read</code> or <code>admin</code>. It is not kept in this
          browser.
        </p>
        <div class="actions">
          <button type="submit" class="button primary" disabled={isBusy}>
            Sign in
          </button>
          {state?.methods.oidc != null && (
            <a
              class="button"
              href={`/ui/oidc/login?next=${encodeURIComponent(next)}`}
              // No page of this router: it leaves links with a target to the browser.
              target="_top"
            >
              Continue with {state.methods.oidc.name}
            </a>
          )}
        </div>
      </form>
    </>
  )
}
