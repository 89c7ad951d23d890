import type { SummaryTotals } from '../../api/answers.ts'
import { difference, dollars, UNKNOWN } from '../../state/numbers.ts'

/** Cost of calls; `unpriced` ones have no amount, so with any of them it is a lower bound. */
export interface CostFigure {
  /** `$1,204.33`, `≥ $1,204.33`, or `—` where no billable call has a price. */
  readonly text: string
  /** US dollars; null where it is not known. */
  readonly usd: number | null
  readonly isAtLeast: boolean
  readonly billable: number
}

export function costFigure({ cost }: Pick<SummaryTotals, 'cost'>): CostFigure {
  if (cost === undefined) return { text: UNKNOWN, usd: null, isAtLeast: false, billable: 0 }
  const { exact, estimated, unpriced } = cost
  const priced = exact.calls + estimated.calls
  const isAtLeast = unpriced.calls > 0
  const billable = priced + unpriced.calls
  if (priced === 0 && isAtLeast) return { text: UNKNOWN, usd: null, isAtLeast, billable }
  const usd = exact.usd + estimated.usd
  return { text: `${isAtLeast ? '≥ ' : ''}${dollars(usd)}`, usd, isAtLeast, billable }
}

/** Calls that went to a provider: rates are of these. */
export function forwarded({ calls, outcomes }: SummaryTotals): number {
  return calls - outcomes.rejected
}

/** `+12 % against the 24 h before`; null where nothing is compared. */
export function against(
  now: number | null,
  before: number | null | undefined,
  span: string,
): string | null {
  if (before === undefined) return null
  if (now === null || before === null) return `not comparable with ${span}`
  if (before === 0) return now === 0 ? `as ${span}` : `nothing ${span}`
  const change = difference(now, before)
  return change === '0 %' ? `as ${span}` : `${change} against ${span}`
}

const NAMES: readonly (readonly [number, string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
]

/** `the day before`, `the 7 days before`: the span that `compare` is of. */
export function spanBefore(lengthMs: number): string {
  for (const [unitMs, name] of NAMES) {
    const units = Math.round(lengthMs / unitMs)
    if (units >= 1 && Math.abs(units * unitMs - lengthMs) < 1_000)
      return units === 1 ? `the ${name} before` : `the ${units} ${name}s before`
  }
  return 'the same span before'
}
