import type { StoreClient } from '../client/client.ts'
import { BOUNDED_READ } from './bounded-read.ts'
import { time } from './call-filter.ts'
import { QUIET_MS } from './quarter-rollup.ts'
import { type Grain, QUARTER_OF_RECORD } from './rollup-columns.ts'

/** From `fromMs`, inclusive, to `toMs`, exclusive. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Spans of whole hours or quarters, all of whose records are in these sums as they are now. */
export interface RolledSpans {
  readonly grain: Grain
  readonly spans: readonly Span[]
}

/** Where the sums of a range come from. All spans are disjoint, and are all of the range. */
export interface SummarySources {
  readonly rolled: readonly RolledSpans[]
  /** The rest: read from the records. */
  readonly records: readonly Span[]
  /** All that was written before is in what these sources give; null before any record. */
  readonly dataUntilMs: number | null
}

interface Question extends Span {
  readonly org: string
  /** Where a bucket of time begins: an hour that lies on both sides is not taken as a whole. */
  readonly cutsMs: readonly number[]
  /** Sums that hold what is asked, coarsest first. */
  readonly grains: readonly Grain[]
}

/** A condition with many more spans is slower than reading a few untouched quarters as well. */
const MAX_SPANS = 64

export async function summarySources(
  client: StoreClient,
  { org, fromMs, toMs, cutsMs, grains }: Question,
): Promise<SummarySources> {
  const inRange = `created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')}`
  const [state] = await client.rows({
    tag: 'summary:touched',
    sql: `WITH (SELECT max(watermark) FROM quarters_rolled) AS watermark
      SELECT toUnixTimestamp64Milli(watermark) AS rolled, toUnixTimestamp64Milli(max(ingested_at)) AS newest,
        groupUniqArrayIf(toUnixTimestamp(${QUARTER_OF_RECORD}), ${inRange}) AS quarters
      FROM calls_settled
      WHERE org = {org:String} AND ingested_at >= watermark - toIntervalMillisecond(${QUIET_MS})`,
    params: { org, from_ms: fromMs, to_ms: toMs },
    settings: BOUNDED_READ,
  })
  const quarters: readonly unknown[] = Array.isArray(state?.quarters) ? state.quarters : []
  const touchedMs = quarters.map((quarter) => Number(quarter) * 1_000)
  const dataUntilMs = Math.max(Number(state?.rolled ?? 0), Number(state?.newest ?? 0))
  return {
    ...sourcesOf({ fromMs, toMs }, cutsMs, touchedMs, grains),
    dataUntilMs: dataUntilMs === 0 ? null : dataUntilMs,
  }
}

/** What one grain leaves over, the next finer one takes as far as it can. */
export function sourcesOf(
  range: Span,
  cutsMs: readonly number[],
  touchedMs: readonly number[],
  grains: readonly Grain[],
  maxSpans = MAX_SPANS,
): Omit<SummarySources, 'dataUntilMs'> {
  const rolled: RolledSpans[] = []
  let rest: readonly Span[] = range.fromMs < range.toMs ? [range] : []
  for (const grain of grains) {
    const max = Math.ceil(maxSpans / Math.max(rest.length, 1))
    const split = rest.map((span) => {
      const left = joinNearest(cutOrTouched(span, cutsMs, touchedMs, grain.lengthMs), max)
      return { left, whole: between(span, left) }
    })
    rolled.push({ grain, spans: split.flatMap(({ whole }) => whole) })
    rest = split.flatMap(({ left }) => left)
  }
  return { rolled, records: rest }
}

/** Hours or quarters that were touched, and those that a border or a cut goes through. */
function cutOrTouched(
  { fromMs, toMs }: Span,
  cutsMs: readonly number[],
  touchedMs: readonly number[],
  lengthMs: number,
): readonly Span[] {
  const beginOf = (ms: number) => Math.floor(ms / lengthMs) * lengthMs
  const cutThrough = [fromMs, toMs, ...cutsMs].filter((ms) => ms % lengthMs !== 0)
  const begins = new Set([...touchedMs, ...cutThrough].map(beginOf))
  const found: Span[] = []
  for (const beginMs of [...begins].sort((a, b) => a - b)) {
    const span = { fromMs: Math.max(fromMs, beginMs), toMs: Math.min(toMs, beginMs + lengthMs) }
    if (span.fromMs >= span.toMs) continue
    const last = found.at(-1)
    if (last?.toMs === span.fromMs) found[found.length - 1] = { ...last, toMs: span.toMs }
    else found.push(span)
  }
  return found
}

/** Closes the smallest gaps until there are no more than `max` spans. */
function joinNearest(spans: readonly Span[], max: number): readonly Span[] {
  if (spans.length <= max) return spans
  const gaps = spans.slice(1).map((span, n) => span.fromMs - (spans[n]?.toMs ?? 0))
  const widest = [...gaps.keys()].sort((a, b) => (gaps[b] ?? 0) - (gaps[a] ?? 0))
  const kept = new Set(widest.slice(0, max - 1))
  const joined: Span[] = []
  for (const [n, span] of spans.entries()) {
    const last = joined.at(-1)
    if (last === undefined || kept.has(n - 1)) joined.push(span)
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: span.toMs }
  }
  return joined
}

function between({ fromMs, toMs }: Span, taken: readonly Span[]): readonly Span[] {
  const free: Span[] = []
  let atMs = fromMs
  for (const span of taken) {
    if (atMs < span.fromMs) free.push({ fromMs: atMs, toMs: span.fromMs })
    atMs = span.toMs
  }
  if (atMs < toMs) free.push({ fromMs: atMs, toMs })
  return free
}
