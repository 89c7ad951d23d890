import { createdAtMs } from '../../evidence/record-id.ts'
import { time } from '../calls/call-filter.ts'

/**
 * The rows of these calls, by the primary key of `evidence` and `calls_settled`: with the
 * parameters that `byCalls` gives.
 */
export const BY_CALLS = `org IN {orgs:Array(String)} AND created_at BETWEEN ${time('least_ms')} AND ${time('most_ms')} AND record_id IN {ids:Array(UUID)}`

/** At least one call. */
export function byCalls(calls: readonly { readonly org: string; readonly recordId: string }[]) {
  const ids = calls.map(({ recordId }) => recordId)
  const atMs = ids.map(createdAtMs)
  return {
    orgs: [...new Set(calls.map(({ org }) => org))],
    ids,
    least_ms: atMs.reduce((least, ms) => Math.min(least, ms), Number.MAX_SAFE_INTEGER),
    most_ms: atMs.reduce((most, ms) => Math.max(most, ms), 0),
  }
}
