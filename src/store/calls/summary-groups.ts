import { picoUsd, type SumRow } from './summary-totals.ts'

/** The same text for the same group, whatever its values hold; without columns there is one. */
export function groupId(columns: readonly string[]): string {
  return columns.length === 0
    ? "''"
    : `hex(sipHash128(${columns.map((column) => `isNull(${column}), ifNull(toString(${column}), '')`).join(', ')}))`
}

/** Which groups are named: those of the highest cost, then most calls, first. As SQL, over rows of sums. */
export const DEAREST_FIRST = 'ORDER BY sum(cost_usd) DESC, sum(calls) DESC, group_id'

/** What `dearestGroups` needs of each row. */
export const COST_OF_ROW = 'toString(sum(cost_usd)) AS row_usd'

/** The same order over rows with `group_id`, `row_usd` and `total_calls`: one row of each group. */
export function dearestGroups(rows: readonly SumRow[], limit: number): readonly SumRow[] {
  const groups = new Map<string, { row: SumRow; pico: bigint; calls: number }>()
  for (const row of rows) {
    const id = String(row.group_id)
    const group = groups.get(id) ?? { row, pico: 0n, calls: 0 }
    group.pico += picoUsd(String(row.row_usd))
    group.calls += Number(row.total_calls)
    groups.set(id, group)
  }
  return [...groups]
    .sort(
      ([idA, a], [idB, b]) =>
        Number(b.pico > a.pico) - Number(b.pico < a.pico) ||
        b.calls - a.calls ||
        (idA < idB ? -1 : 1),
    )
    .slice(0, limit)
    .map(([, { row }]) => row)
}
