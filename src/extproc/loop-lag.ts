/** Watches how late the event loop is: the one measure every promise about waiting depends on. */
export interface LoopLag {
  /** Milliseconds the last tick came late. */
  lagMs(): number
  /** True when the loop is too late to serve bulky copies without holding callers back (design.md §2: 100 ms). */
  overloaded(): boolean
  stop(): void
}

const TICK_MS = 20
const OVERLOADED_MS = 100

export function watchLoopLag(nowMs: () => number = performance.now.bind(performance)): LoopLag {
  let expectedAtMs = nowMs() + TICK_MS
  let lagMs = 0
  const timer = setInterval(() => {
    const now = nowMs()
    lagMs = Math.max(0, now - expectedAtMs)
    expectedAtMs = now + TICK_MS
  }, TICK_MS)
  timer.unref()
  return {
    lagMs: () => lagMs,
    // A loop stuck in one long turn has not ticked: its lateness shows as the missing tick.
    overloaded: () => Math.max(lagMs, nowMs() - expectedAtMs) > OVERLOADED_MS,
    stop: () => clearInterval(timer),
  }
}
