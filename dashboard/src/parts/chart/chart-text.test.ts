import { expect, test } from 'vitest'
import { bucketSentence, chartSentence } from './chart-text.ts'

const HOUR_MS = 3_600_000
const atMs = Date.parse('2026-05-04T13:00Z')
const data = {
  kind: 'bars' as const,
  buckets: [
    { fromMs: atMs, toMs: atMs + HOUR_MS },
    { fromMs: atMs + HOUR_MS, toMs: atMs + 2 * HOUR_MS },
  ],
  series: [
    { key: 'a', label: 'gpt-4o', colour: '--series-1', values: [1, 3] },
    { key: 'b', label: 'claude', colour: '--series-2', values: [2, 0] },
  ],
  isLastOpen: true,
  losses: [0, 4],
}
const wording = {
  title: 'Cost',
  format: (value: number | null) => (value === null ? '—' : `$${value}`),
  timeZone: 'UTC',
}

test('a chart says its range, sum, highest bucket and losses', () => {
  expect(chartSentence(data, wording)).toBe(
    'Cost, 2026-05-04 13:00 – 15:00 UTC: $6, highest $3 at 2026-05-04 13:00 – 14:00 UTC.' +
      ' 4 calls were not wholly observed.',
  )
})

test('a bucket says what it holds, without the series that have nothing', () => {
  expect(bucketSentence(data, 1, wording)).toBe(
    '2026-05-04 14:00 – 15:00 UTC · $3 · gpt-4o $3 · 4 not wholly observed · still filling',
  )
})

test('a percentile without calls is not known, never 0', () => {
  const lines = { ...data, kind: 'lines' as const, losses: [], isLastOpen: false }
  const unknown = { ...lines, series: [{ key: 'p', label: 'p50', colour: '', values: [null, 1] }] }
  expect(bucketSentence(unknown, 0, wording)).toBe('2026-05-04 13:00 – 14:00 UTC · p50 —')
})
