import { useEffect, useRef } from 'preact/hooks'
import { session } from '../../api/session.ts'
import { sinceInputMs } from '../../state/presence.ts'

const CHECK_EVERY_MS = 5_000

/**
 * Calls `onGone` once the page was not used for `idleMs`, when the session ends, and when the page is
 * left for another one, which a browser may bring back as it was.
 */
export function useGoneAfter(idleMs: number, onGone: () => void): void {
  const latest = useRef(onGone)
  latest.current = onGone
  const isSignedIn = session.value?.signedIn === true
  useEffect(() => {
    if (!isSignedIn) latest.current()
  }, [isSignedIn])
  useEffect(() => {
    const gone = () => latest.current()
    const check = () => {
      if (sinceInputMs() >= idleMs) gone()
    }
    const timer = setInterval(check, CHECK_EVERY_MS)
    document.addEventListener('visibilitychange', check)
    addEventListener('pagehide', gone)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', check)
      removeEventListener('pagehide', gone)
    }
  }, [idleMs])
}
