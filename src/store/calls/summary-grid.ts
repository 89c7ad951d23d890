import { addUp, type SummaryTotals, type SumRow } from './summary-totals.ts'

/** The group of all groups that are not named. */
export const OTHER = null

/** Rows with `group_id`, `bucket` and sums, by their group and the begin of their bucket. */
export class SumGrid {
  readonly #rows = new Map<string | typeof OTHER, Map<number, SumRow[]>>()

  constructor(rows: readonly SumRow[], namedIds: readonly string[]) {
    const named = new Set(namedIds)
    for (const row of rows) {
      const id = String(row.group_id)
      const group = named.has(id) ? id : OTHER
      const buckets = this.#rows.get(group) ?? new Map<number, SumRow[]>()
      this.#rows.set(group, buckets)
      const bucket = Number(row.bucket)
      const cell = buckets.get(bucket)
      if (cell === undefined) buckets.set(bucket, [row])
      else cell.push(row)
    }
  }

  has(group: string | typeof OTHER): boolean {
    return this.#rows.has(group)
  }

  totals(group: string | typeof OTHER): SummaryTotals {
    return addUp([...this.#buckets(group).values()].flat())
  }

  bucket(group: string | typeof OTHER, beginMs: number): SummaryTotals {
    return addUp(this.#buckets(group).get(beginMs) ?? [])
  }

  totalsOfAll(): SummaryTotals {
    return addUp([...this.#rows.values()].flatMap((buckets) => [...buckets.values()].flat()))
  }

  bucketOfAll(beginMs: number): SummaryTotals {
    return addUp([...this.#rows.values()].flatMap((buckets) => buckets.get(beginMs) ?? []))
  }

  #buckets(group: string | typeof OTHER): ReadonlyMap<number, readonly SumRow[]> {
    return this.#rows.get(group) ?? new Map()
  }
}
