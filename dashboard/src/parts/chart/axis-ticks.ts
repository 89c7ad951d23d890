import { date, time } from '../../state/times.ts'
import type { Bucket } from './chart-data.ts'

const MINUTE_MS = 60_000
/** Minutes of a day at which ticks may stand, finest first. */
const WITHIN_A_DAY = [15, 30, 60, 120, 180, 360, 720]

export interface Tick {
  /** Of the bucket. */
  readonly index: number
  readonly label: string
}

/**
 * At which buckets the time axis has a label, at most `most`: round times of the zone's clock, then
 * whole days. A bucket that begins in the middle, because the range does, has none.
 */
export function axisTicks(
  buckets: readonly Bucket[],
  timeZone: string,
  most: number,
): readonly Tick[] {
  const begins = buckets.map(({ fromMs }, index) => {
    const [hour = 0, minute = 0] = time(fromMs, timeZone, 'min').split(':').map(Number)
    return { index, fromMs, minute: hour * 60 + minute, isWhole: fromMs % MINUTE_MS === 0 }
  })
  const whole = begins.filter(({ isWhole }) => isWhole)
  for (const step of WITHIN_A_DAY) {
    const round = whole.filter(({ minute }) => minute % step === 0)
    if (round.length > most) continue
    if (round.length >= 2 || step === 15)
      return round.map(({ index, fromMs, minute }) => ({
        index,
        label: minute === 0 ? dayLabel(fromMs, timeZone) : time(fromMs, timeZone, 'min'),
      }))
  }
  const days = whole.filter(({ minute }) => minute === 0)
  const every = Math.ceil(days.length / Math.max(1, most))
  return days
    .filter((_, n) => n % every === 0)
    .map(({ index, fromMs }) => ({ index, label: dayLabel(fromMs, timeZone) }))
}

/** `05-04`: the year is in the range that stands above. */
function dayLabel(ms: number, timeZone: string): string {
  return date(ms, timeZone).slice(5)
}
