import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'

/** Parameters of a range whose ends may be left out. */
export const DEFAULT_RANGE_PROPERTIES = {
  from: Type.Optional(
    Type.String({
      description:
        'Start, inclusive; a day before `to` when left out. ISO 8601; without a zone UTC.',
      examples: ['2025-05-01'],
    }),
  ),
  to: Type.Optional(
    Type.String({
      description:
        'End, exclusive; a date without a time includes that whole day; now when left out. ISO 8601; without a zone UTC.',
      examples: ['2025-05-31'],
    }),
  ),
}

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
