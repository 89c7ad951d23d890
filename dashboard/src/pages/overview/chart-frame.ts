import type { Signal } from '@preact/signals'
import type { Summary } from '../../api/answers.ts'
import type { Bucket } from '../../parts/chart/chart-data.ts'
import type { Question } from './question.ts'
import type { useCallsLink } from './use-calls-link.ts'

type CallsOf = ReturnType<typeof useCallsLink>

/** What all charts of the page have in common. */
export interface ChartFrame {
  readonly buckets: readonly Bucket[]
  readonly isLastOpen: boolean
  readonly timeZone: string
  readonly cursor: Signal<number | null>
  readonly bucketLength: Summary['bucket']
  readonly callsOf: CallsOf
  readonly onZoom: (fromMs: number, toMs: number) => void
}

const LENGTH_MS: Readonly<Record<Summary['bucket'], number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  // Days may be short by a change of the clock, months by the calendar.
  '1d': 23 * 3_600_000,
  '1w': 167 * 3_600_000,
  '1mo': 671 * 3_600_000,
  none: 0,
}

export function chartFrame(
  { buckets, bucket, range }: Summary,
  question: Question,
  cursor: Signal<number | null>,
  does: { callsOf: CallsOf; zoom: (fromMs: number, toMs: number) => void },
): ChartFrame {
  const spans = buckets.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }))
  const last = spans.at(-1)
  return {
    buckets: spans,
    isLastOpen:
      last !== undefined &&
      question.range.last !== null &&
      last.toMs - last.fromMs < LENGTH_MS[bucket],
    timeZone: range.timeZone,
    cursor,
    bucketLength: bucket,
    callsOf: does.callsOf,
    onZoom: does.zoom,
  }
}
