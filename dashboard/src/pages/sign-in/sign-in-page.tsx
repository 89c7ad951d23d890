import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { session } from '../../api/session.ts'
import { SignInForm, useSignIn } from './sign-in-form.tsx'

/** By key, by an identity provider, or by the one-time link that Flint printed. */
export default function SignInPage() {
  const { query, route } = useLocation()
  const by = useSignIn()
  const isSignedIn = session.value?.signedIn
  const next = pathOf(query['next'])

  useEffect(() => {
    const link = location.hash.slice(1)
    if (link === '') return
    // The token leaves the address bar and the history before anything else happens.
    history.replaceState(null, '', location.pathname + location.search)
    void by.enter({ link })
  }, [])
  useEffect(() => {
    if (isSignedIn) route(next, true)
  }, [isSignedIn, next, route])

  return (
    <div class="narrow">
      <h1>Flint</h1>
      <p class="muted">The audit log of your AI calls.</p>
      <SignInForm by={by} next={next} />
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
