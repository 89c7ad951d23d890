import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'

/** A range with both ends: until now, and from a day before its end, where they are left out. */
export function withBothEnds(
  range: { readonly fromMs?: number | undefined; readonly toMs?: number | undefined },
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = range.toMs ?? nowMs
  const fromMs = range.fromMs ?? toMs - DAY_MS
  if (fromMs > toMs)
    throw new FlintError('invalid_request', 'The query parameter "from" is later than now.')
  return { fromMs, toMs }
}
