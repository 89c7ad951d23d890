import type { CallRecord } from './call-row.ts'

/** Forwarded calls with a status of 400 or more, or an outcome `upstream_*`. As SQL, never null. */
export const FAILED =
  "(outcome != 'rejected' AND (ifNull(status, 0) >= 400 OR startsWith(outcome, 'upstream_')))"

/** The same of a record in memory. */
export function hasFailed({ outcome, status }: Pick<CallRecord, 'outcome' | 'status'>): boolean {
  return outcome !== 'rejected' && ((status ?? 0) >= 400 || outcome.startsWith('upstream_'))
}
