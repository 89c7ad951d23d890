import { useEffect, useRef, useState } from 'preact/hooks'
import { LocationProvider, Route, Router, useLocation } from 'preact-iso'
import { me, refreshSession, session } from '../api/session.ts'
import SignIn from '../pages/sign-in/sign-in-page.tsx'
import { Toasts } from '../parts/toasts.tsx'
import { Banners } from './banners.tsx'
import { KeyBindings } from './key-bindings.tsx'
import { Activity, Audit, Call, Coverage, Overview, Prompt, Settings, Start } from './pages.ts'
import { SignInAgain } from './sign-in-again.tsx'
import { TopBar } from './top-bar.tsx'

const SIGN_IN = '/ui/signin'

export function App() {
  useEffect(() => {
    void refreshSession()
  }, [])
  return (
    <LocationProvider scope="/ui">
      <Toasts />
      <Pages />
    </LocationProvider>
  )
}

function Pages() {
  const { path, url, route } = useLocation()
  const state = session.value
  const who = me.value
  const [isLoading, setLoading] = useState(false)
  const isSigningIn = path === SIGN_IN

  // Keyboard and screen readers go on in the page that was opened.
  const opened = useRef(path)
  useEffect(() => {
    if (opened.current !== path) document.getElementById('main')?.focus({ preventScroll: true })
    opened.current = path
  }, [path])

  useEffect(() => {
    if (state === undefined) return
    // The fragment stays out of `next`: it may be the token of a sign-in link.
    if (!state.signedIn && who === undefined && !isSigningIn)
      route(`${SIGN_IN}?next=${encodeURIComponent(url)}`, true)
  }, [state, who, isSigningIn, url, route])

  if (isSigningIn) {
    return (
      <main id="main">
        <SignIn />
      </main>
    )
  }
  if (state === undefined || who === undefined) return <Banners />
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <TopBar />
      <Banners />
      <KeyBindings />
      {isLoading && <div class="progress" />}
      {!state.signedIn && <SignInAgain />}
      <main id="main" class={state.signedIn ? undefined : 'veiled'} tabIndex={-1}>
        <Router onLoadStart={() => setLoading(true)} onLoadEnd={() => setLoading(false)}>
          <Route path="/ui/overview" component={Overview} />
          <Route path="/ui/audit" component={Audit} />
          <Route path="/ui/audit/:id" component={Call} />
          <Route path="/ui/audit/:id/prompt" component={Prompt} />
          <Route path="/ui/coverage" component={Coverage} />
          <Route path="/ui/activity" component={Activity} />
          <Route path="/ui/settings/:section" component={Settings} />
          <Route path="/ui/start" component={Start} />
          <Route default component={Elsewhere} />
        </Router>
      </main>
    </>
  )
}

/** `/ui/` leads to the overview; any other path is said to be none of ours. */
function Elsewhere() {
  const { path, route } = useLocation()
  const isRoot = path === '/ui' || path === '/ui/'
  useEffect(() => {
    if (isRoot) route('/ui/overview', true)
  }, [isRoot, route])
  if (isRoot) return null
  return (
    <div class="empty">
      <h1>There is no such page</h1>
      <p>
        <a href="/ui/overview">Overview</a> · <a href="/ui/audit">Audit</a>
      </p>
    </div>
  )
}
