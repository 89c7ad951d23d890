import type { AuditRecord, Evidence } from '../../api/answers.ts'
import { bytes, cost, count, duration } from '../../state/numbers.ts'
import { markOf } from './marks.tsx'

interface SourcedField {
  readonly label: string
  readonly field: keyof AuditRecord
  /** Of the table `evidence`. */
  readonly column: string
  readonly write: (value: unknown) => string
}

const number = (write: (value: number) => string) => (value: unknown) => write(Number(value))

/** The numbers that a call is judged by. */
const FIELDS: readonly SourcedField[] = [
  { label: 'Model', field: 'model', column: 'model', write: String },
  { label: 'Tokens', field: 'totalTokens', column: 'total_tokens', write: number(count) },
  { label: 'Cost, $', field: 'costUsd', column: 'cost_usd', write: number(cost) },
  { label: 'Status', field: 'status', column: 'status', write: String },
  { label: 'Latency', field: 'latencyMs', column: 'latency_ms', write: number(duration) },
  {
    label: 'First byte',
    field: 'timeToFirstByteMs',
    column: 'time_to_first_byte_ms',
    write: number(duration),
  },
  { label: 'Sent', field: 'requestBytes', column: 'request_bytes', write: number(bytes) },
  { label: 'Received', field: 'responseBytes', column: 'response_bytes', write: number(bytes) },
]

export interface Sourced {
  readonly label: string
  readonly field: keyof AuditRecord
  /** Null: not known. */
  readonly value: string | null
  /** Kind of the row that it was taken from. */
  readonly from: string | null
  readonly says: string
  /** What other rows have in its place. */
  readonly others: readonly { readonly kind: string; readonly value: string }[]
}

export function sourced(record: AuditRecord, evidence: Evidence): Sourced[] {
  return FIELDS.map(({ label, field, column, write }) => {
    const value = record[field]
    const from = evidence.from[field] ?? null
    const written = value === null ? null : write(value)
    const others = evidence.rows.flatMap(({ kind, columns }) => {
      if (kind === from || !(column in columns)) return []
      const other = write(columns[column])
      return other === written ? [] : [{ kind, value: other }]
    })
    return { label, field, value: written, from, others, says: saysOf(field, from, record) }
  })
}

function saysOf(field: keyof AuditRecord, from: string | null, record: AuditRecord): string {
  if (from === null) return ''
  if (field === 'totalTokens') return usageSays(record, from)
  if (field === 'costUsd')
    return from === 'pricing'
      ? `priced again by ${record.priceVersion}`
      : `${record.priceVersion}; never priced again`
  return markOf(from).name
}

function usageSays({ usageSource, parserVersion }: AuditRecord, from: string): string {
  const by = `${markOf(from).name}${parserVersion === null ? '' : `, ${parserVersion}`}`
  if (usageSource === 'provider') return `the provider, in the answer’s usage (${by})`
  if (usageSource === 'estimated') return `counted by Flint from the text (${by})`
  if (usageSource === 'partial') return `what was seen of a cut answer (${by})`
  return by
}
