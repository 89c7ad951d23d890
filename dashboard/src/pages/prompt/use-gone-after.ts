import { useEffect, useRef } from 'preact/hooks'

const CHECK_EVERY_MS = 5_000
const INPUTS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const

/**
 * Calls `onGone` once nothing was pressed, moved or scrolled for `idleMs`, and when the page is left
 * for another one, which a browser may bring back as it was.
 */
export function useGoneAfter(idleMs: number, onGone: () => void): void {
  const latest = useRef(onGone)
  latest.current = onGone
  useEffect(() => {
    let lastMs = Date.now()
    const used = () => {
      lastMs = Date.now()
    }
    const gone = () => latest.current()
    // The clock decides, not the timer: it stands still while the machine sleeps.
    const check = () => {
      if (Date.now() - lastMs >= idleMs) gone()
    }
    const timer = setInterval(check, CHECK_EVERY_MS)
    document.addEventListener('visibilitychange', check)
    addEventListener('pagehide', gone)
    for (const input of INPUTS) document.addEventListener(input, used, { passive: true })
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', check)
      removeEventListener('pagehide', gone)
      for (const input of INPUTS) document.removeEventListener(input, used)
    }
  }, [idleMs])
}
