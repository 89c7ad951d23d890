import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { ApiError } from '../../api/request.ts'
import { session, signIn } from '../../api/session.ts'
import { Notice } from '../../parts/notices.tsx'

const WHY = {
  idle: 'You were signed out because nothing was done here for a while.',
  expired: 'Your session came to its end.',
  revoked: 'Your session was ended, or its key was revoked.',
  signed_out: 'You are signed out.',
} as const

/** By key, by an identity provider, or by the one-time link that Flint printed. */
export default function SignInPage() {
  const { query, route } = useLocation()
  const [key, setKey] = useState('')
  const [error, setError] = useState<ApiError | null>(null)
  const [isBusy, setBusy] = useState(false)
  const state = session.value
  const next = pathOf(query['next'])

  async function enter(by: { key: string } | { link: string }) {
    setBusy(true)
    setError(null)
    try {
      await signIn(by)
      setKey('')
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setError(failure)
    }
    setBusy(false)
  }

  useEffect(() => {
    const link = location.hash.slice(1)
    if (link === '') return
    // The token leaves the address bar and the history before anything else happens.
    history.replaceState(null, '', location.pathname + location.search)
    void enter({ link })
  }, [])
  useEffect(() => {
    if (state?.signedIn) route(next, true)
  }, [state?.signedIn, next, route])

  return (
    <div class="narrow">
      <h1>Flint</h1>
      <p class="muted">The audit log of your AI calls.</p>
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
      <p class="small muted">
        On the machine itself, <code>npx flint dashboard</code> prints a link that signs you in.
      </p>
    </div>
  )
}

/** Where to go on; only a place of this page. */
function pathOf(next: string | undefined): string {
  return next !== undefined && /^\/ui\/[\w\-/]*(\?|$)/.test(next) ? next : '/ui/overview'
}
