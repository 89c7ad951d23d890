import type { StoreClient } from '../client/client.ts'
import { time } from './call-filter.ts'
import { QUARTER_MS, QUARTER_OF_RECORD } from './quarter-columns.ts'
import { QUIET_MS } from './quarter-rollup.ts'

/** From `fromMs`, inclusive, to `toMs`, exclusive. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Where the sums of a range come from. The spans of both are disjoint, and are all of the range. */
export interface SummarySources {
  /** Whole quarters, all of whose records are in the rollup as they are now. */
  readonly rolled: readonly Span[]
  /** The rest: read from the records. */
  readonly records: readonly Span[]
  /** All that was written before is in what these sources give; null before any record. */
  readonly dataUntilMs: number | null
}

interface Question extends Span {
  readonly org: string
  /** Where a bucket of time begins: a quarter that lies on both sides is read from the records. */
  readonly cutsMs: readonly number[]
  /** False where the rollup does not hold what is asked. */
  readonly isRolled: boolean
}

/** A condition with more spans is slower than reading a few untouched quarters as well. */
const MAX_SPANS = 64

export async function summarySources(
  client: StoreClient,
  { org, fromMs, toMs, cutsMs, isRolled }: Question,
  settings: { readonly max_execution_time: number },
): Promise<SummarySources> {
  const since = `(SELECT max(watermark) FROM quarters_rolled) - toIntervalMillisecond(${QUIET_MS})`
  const [[state], touched] = await Promise.all([
    client.rows({
      tag: 'summary:until',
      sql: `SELECT toUnixTimestamp64Milli((SELECT max(watermark) FROM quarters_rolled)) AS watermark,
        toUnixTimestamp64Milli(max(ingested_at)) AS newest FROM calls_settled WHERE org = {org:String} AND ingested_at >= ${since}`,
      params: { org },
      settings,
    }),
    isRolled && fromMs < toMs
      ? client.rows({
          tag: 'summary:touched',
          sql: `SELECT DISTINCT toUnixTimestamp(${QUARTER_OF_RECORD}) AS quarter FROM calls_settled
            WHERE org = {org:String} AND created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')} AND ingested_at >= ${since}`,
          params: { org, from_ms: fromMs, to_ms: toMs },
          settings,
        })
      : [],
  ])
  const dataUntilMs = Math.max(Number(state?.watermark ?? 0), Number(state?.newest ?? 0))
  const spans = isRolled
    ? splitSpans(
        { fromMs, toMs },
        cutsMs,
        touched.map(({ quarter }) => Number(quarter) * 1_000),
      )
    : { rolled: [], records: fromMs < toMs ? [{ fromMs, toMs }] : [] }
  return { ...spans, dataUntilMs: dataUntilMs === 0 ? null : dataUntilMs }
}

/**
 * Touched quarters, and those that a border or a cut goes through, are read from the records; each
 * stretch between them comes from the rollup.
 */
export function splitSpans(
  { fromMs, toMs }: Span,
  cutsMs: readonly number[],
  touchedMs: readonly number[],
  maxSpans = MAX_SPANS,
): { readonly rolled: readonly Span[]; readonly records: readonly Span[] } {
  if (fromMs >= toMs) return { rolled: [], records: [] }
  const cutThrough = [fromMs, toMs, ...cutsMs]
    .filter((ms) => ms % QUARTER_MS !== 0)
    .map((ms) => Math.floor(ms / QUARTER_MS) * QUARTER_MS)
  const quarters = [...new Set([...touchedMs, ...cutThrough])].sort((a, b) => a - b)
  const records: Span[] = []
  for (const quarterMs of quarters) {
    const span = {
      fromMs: Math.max(fromMs, quarterMs),
      toMs: Math.min(toMs, quarterMs + QUARTER_MS),
    }
    if (span.fromMs >= span.toMs) continue
    const last = records.at(-1)
    if (last?.toMs === span.fromMs) records[records.length - 1] = { ...last, toMs: span.toMs }
    else records.push(span)
  }
  const joined = joinNearest(records, maxSpans)
  return { rolled: between({ fromMs, toMs }, joined), records: joined }
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
