/** Steps of a histogram of times are 5 % wide: step n holds from 1.05^n to 1.05^(n+1) ms. */
const WIDTH = 1.05

/** Calls by the step that their time belongs to. */
export type TimeSteps = ReadonlyMap<number, number>

/** Bounds of a step in milliseconds: inclusive and exclusive. The first one holds 0 as well. */
export function stepBounds(step: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: step === 0 ? 0 : WIDTH ** step, toMs: WIDTH ** (step + 1) }
}

export function countOf(steps: TimeSteps): number {
  return [...steps.values()].reduce((sum, calls) => sum + calls, 0)
}

/**
 * The time that `share` (0 to 1) of the calls did not exceed, in milliseconds, off by 2.5 % at most;
 * null without calls.
 */
export function percentile(steps: TimeSteps, share: number): number | null {
  const total = countOf(steps)
  if (total === 0) return null
  const rank = Math.max(1, Math.ceil(total * share))
  let seen = 0
  for (const step of [...steps.keys()].sort((a, b) => a - b)) {
    seen += steps.get(step) ?? 0
    if (seen >= rank) return step === 0 ? 1 : Math.round(WIDTH ** (step + 0.5))
  }
  return null
}

export function addSteps(target: Map<number, number>, steps: TimeSteps): void {
  for (const [step, calls] of steps) target.set(step, (target.get(step) ?? 0) + calls)
}
