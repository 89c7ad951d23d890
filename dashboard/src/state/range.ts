import { signal } from '@preact/signals'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** Spans that end now, by their name in the URL. */
export const SPANS = {
  '15m': { ms: 15 * MINUTE_MS, label: 'Last 15 min' },
  '1h': { ms: HOUR_MS, label: 'Last hour' },
  '6h': { ms: 6 * HOUR_MS, label: 'Last 6 h' },
  '24h': { ms: DAY_MS, label: 'Last 24 h' },
  '7d': { ms: 7 * DAY_MS, label: 'Last 7 days' },
  '30d': { ms: 30 * DAY_MS, label: 'Last 30 days' },
  '90d': { ms: 90 * DAY_MS, label: 'Last 90 days' },
} as const
export type Span = keyof typeof SPANS
const DEFAULT_SPAN: Span = '24h'

export interface Range {
  readonly fromMs: number
  readonly toMs: number
  /** The span that the range is the last of; null: both ends were chosen. */
  readonly last: Span | null
}

/**
 * The end of ranges that end now. It moves when the reader or the page refreshes, so that all parts
 * of a page answer for the same range.
 */
export const nowMs = signal(Date.now())
export function refreshNow(): void {
  nowMs.value = Date.now()
}

/** The range that a URL asks for: `from` and `to`, else `last`, else a day. */
export function rangeOf(query: URLSearchParams, now: number): Range {
  const fromMs = Date.parse(query.get('from') ?? '')
  const toMs = Date.parse(query.get('to') ?? '')
  if (!Number.isNaN(fromMs) || !Number.isNaN(toMs)) {
    const end = Number.isNaN(toMs) ? now : toMs
    return { fromMs: Number.isNaN(fromMs) ? end - DAY_MS : fromMs, toMs: end, last: null }
  }
  const asked = query.get('last') ?? DEFAULT_SPAN
  const last = Object.hasOwn(SPANS, asked) ? (asked as Span) : DEFAULT_SPAN
  return { fromMs: now - SPANS[last].ms, toMs: now, last }
}

/** As the API takes it. */
export function rangeQuery({ fromMs, toMs }: Pick<Range, 'fromMs' | 'toMs'>): {
  readonly from: string
  readonly to: string
} {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
}

/** As a URL of the page has it: relative where it was, so that a link keeps meaning "the last". */
export function rangeChanges(range: Range): Record<'last' | 'from' | 'to', string | null> {
  if (range.last !== null) {
    return { last: range.last === DEFAULT_SPAN ? null : range.last, from: null, to: null }
  }
  return { last: null, ...rangeQuery(range) }
}
