/** Watches how late the event loop is: the one measure every promise about waiting depends on. */
export interface LoopLag {
  /** Milliseconds the last tick came late. */
  lagMs(): number
  /** True when the loop is too late to serve bulky copies without holding callers back. */
  overloaded(): boolean
  stop(): void
}

const TICK_MS = 20
const OVERLOADED_MS = 100
/**
 * A loop with less to do than this share of its time is at rest, and is looked at less often: each
 * look wakes the process.
 */
const RESTING_UTILIZATION = 0.05
const RESTING_TICK_MS = 250

export function watchLoopLag(nowMs: () => number = performance.now.bind(performance)): LoopLag {
  let expectedAtMs = 0
  let lagMs = 0
  let measured = performance.eventLoopUtilization()
  let timer: NodeJS.Timeout
  const look = (inMs: number) => {
    expectedAtMs = nowMs() + inMs
    timer = setTimeout(tick, inMs)
    timer.unref()
  }
  const tick = () => {
    lagMs = Math.max(0, nowMs() - expectedAtMs)
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, measured)
    measured = now
    look(utilization < RESTING_UTILIZATION ? RESTING_TICK_MS : TICK_MS)
  }
  look(TICK_MS)
  return {
    lagMs: () => lagMs,
    // A loop stuck in one long turn has not ticked: its lateness shows as the missing tick.
    overloaded: () => Math.max(lagMs, nowMs() - expectedAtMs) > OVERLOADED_MS,
    stop: () => clearTimeout(timer),
  }
}
