import type { Summary } from '../../api/answers.ts'
import { costFigure } from './figures.ts'

type SummaryGroup = Summary['groups'][number]

export interface Mover {
  readonly key: SummaryGroup['key']
  readonly now: SummaryGroup['totals']
  readonly before: NonNullable<SummaryGroup['before']>
  /** US dollars; null where a price is missing on either side. */
  readonly change: number | null
}

/**
 * Groups whose cost changed, largest change first. Where a call is unpriced the change is not
 * known: those come apart, most calls first.
 */
export function moversOf(groups: readonly SummaryGroup[]): {
  readonly ranked: readonly Mover[]
  readonly incomplete: readonly Mover[]
} {
  const movers = groups.flatMap(({ key, totals, before }): Mover[] => {
    if (before === undefined) return []
    const now = costFigure(totals)
    const earlier = costFigure(before)
    const isKnown = !now.isAtLeast && !earlier.isAtLeast
    const change = isKnown ? (now.usd ?? 0) - (earlier.usd ?? 0) : null
    return [{ key, now: totals, before, change }]
  })
  return {
    ranked: movers
      .filter(({ change }) => change !== null && change !== 0)
      .sort((a, b) => Math.abs(b.change ?? 0) - Math.abs(a.change ?? 0)),
    incomplete: movers
      .filter(({ change }) => change === null)
      .sort((a, b) => b.now.calls - a.now.calls),
  }
}
