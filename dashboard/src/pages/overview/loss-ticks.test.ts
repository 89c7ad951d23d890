import { expect, test } from 'vitest'
import { lossTicks } from './loss-ticks.ts'

const at = (text: string) => Date.parse(`2026-05-04T${text}Z`)
const reasons = {
  end_unknown: 0,
  not_observed: 3,
  observation_unfinished: 0,
  stream_lost: 0,
  observer_overloaded: 0,
  row_refused: 0,
}
const window = (from: string, to: string) => ({
  from: new Date(at(from)).toISOString(),
  to: new Date(at(to)).toISOString(),
  calls: 10,
  lost: 3,
  reasons,
})

test('losses stand at the bucket in which their hour begins, and none is counted twice', () => {
  const buckets = [
    { fromMs: at('13:22'), toMs: at('13:30') },
    { fromMs: at('13:30'), toMs: at('14:00') },
    { fromMs: at('14:00'), toMs: at('14:15') },
    { fromMs: at('14:15'), toMs: at('14:30') },
  ]
  const windows = [window('14:00', '15:00'), window('13:00', '14:00')]
  expect(lossTicks(buckets, windows)).toEqual([3, 0, 3, 0])
})
