import type { Evidence } from '../../api/answers.ts'

export type EvidenceRow = Evidence['rows'][number]

export interface Difference {
  /** Of the table `evidence`. */
  readonly column: string
  readonly values: readonly { readonly kind: string; readonly value: unknown }[]
  /**
   * `measured`: each by its own clock. `replaced`: a later row was made to stand over it.
   * `contradicts`: two rows that should say the same do not.
   */
  readonly why: 'measured' | 'replaced' | 'contradicts'
}

/** Of the row itself, not of the call. */
const OF_ROWS = new Set(['capture', 'envoy_run', 'final', 'gap', 'parent_id', 'deferred', 'billed'])
const MEASURED = new Set(['latency_ms', 'time_to_first_byte_ms'])
const LATER = new Set(['deferred', 'pricing'])

/** What two rows or more say of a call and do not agree on, contradictions first. */
export function differences(rows: readonly EvidenceRow[]): Difference[] {
  const columns = new Set(rows.flatMap((row) => Object.keys(row.columns)))
  const found: Difference[] = []
  for (const column of columns) {
    if (OF_ROWS.has(column)) continue
    const values = rows.flatMap(({ kind, columns }) =>
      column in columns ? [{ kind, value: columns[column] }] : [],
    )
    if (!differ(values)) continue
    const isReplaced = !differ(values.filter(({ kind }) => !LATER.has(kind)))
    const why = MEASURED.has(column) ? 'measured' : isReplaced ? 'replaced' : 'contradicts'
    found.push({ column, values, why })
  }
  return found.sort((a, b) => a.why.localeCompare(b.why))
}

function differ(values: readonly { readonly value: unknown }[]): boolean {
  return new Set(values.map(({ value }) => JSON.stringify(value))).size > 1
}
