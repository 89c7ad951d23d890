import { Temporal } from 'temporal-polyfill'

/** Lengths of a bucket of time, shortest first. A day is as long as it is in its zone. */
export const BUCKETS = ['15m', '1h', '1d', '1w', '1mo'] as const
export type Bucket = (typeof BUCKETS)[number]

/** What `auto` is content with. */
const ENOUGH = 200
const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000
/** The shortest that a bucket can be: days and months may be short, by a change of the clock. */
const SHORTEST_MS: Readonly<Record<Bucket, number>> = {
  '15m': QUARTER_MS,
  '1h': HOUR_MS,
  '1d': 20 * HOUR_MS,
  '1w': 6 * 24 * HOUR_MS,
  '1mo': 27 * 24 * HOUR_MS,
}

interface Range {
  readonly fromMs: number
  readonly toMs: number
}

/** The finest that makes no more than 200 buckets of a range. */
export function autoBucket({ fromMs, toMs }: Range): Bucket {
  return BUCKETS.find((bucket) => (toMs - fromMs) / SHORTEST_MS[bucket] <= ENOUGH) ?? '1mo'
}

/**
 * Where the buckets of a range begin, ascending: the first one at `fromMs`, the others where their
 * quarter, hour, day, week (Monday) or month begins in the zone. Null for more than `max`.
 */
export function bucketBegins(
  { fromMs, toMs }: Range,
  bucket: Bucket,
  timeZone: string,
  max: number,
): readonly number[] | null {
  if ((toMs - fromMs) / (32 * 24 * HOUR_MS) > max) return null
  const begins = [fromMs]
  let atMs = nextBegin(fromMs, bucket, timeZone)
  while (atMs < toMs) {
    if (begins.length === max) return null
    begins.push(atMs)
    atMs = nextBegin(atMs, bucket, timeZone)
  }
  return begins
}

function nextBegin(ms: number, bucket: Bucket, timeZone: string): number {
  // Zones differ from UTC by whole quarters.
  if (bucket === '15m') return (Math.floor(ms / QUARTER_MS) + 1) * QUARTER_MS
  const here = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)
  if (bucket === '1h') return nextHour(here)
  const day = here.toPlainDate()
  const next = {
    '1d': () => day.add({ days: 1 }),
    '1w': () => day.add({ days: 8 - day.dayOfWeek }),
    '1mo': () => day.with({ day: 1 }).add({ months: 1 }),
  }[bucket]()
  // A day without midnight begins after the gap.
  return next.toZonedDateTime(timeZone).epochMilliseconds
}

/** The clock's next full hour; where it is put back by half an hour, that moment as well. */
function nextHour(here: Temporal.ZonedDateTime): number {
  const floored = here.subtract({
    minutes: here.minute,
    seconds: here.second,
    milliseconds: here.millisecond,
  })
  const next = floored.add({ hours: 1 })
  const full = next.subtract({ minutes: next.minute })
  const isFull = full.minute === 0 && full.epochMilliseconds > here.epochMilliseconds
  return (isFull ? full : next).epochMilliseconds
}
