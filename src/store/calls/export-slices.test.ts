import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportSlices, type IngestBucket } from './export-slices.ts'

const BUCKET_MS = 300_000

/** Rows by (ingested, created), as buckets of five minutes. */
function bucketsOf(rows: readonly (readonly [number, number])[]): IngestBucket[] {
  const starts = [...new Set(rows.map(([ms]) => Math.floor(ms / BUCKET_MS)))].sort((a, b) => a - b)
  return starts.map((start) => {
    const within = rows.filter(([ms]) => Math.floor(ms / BUCKET_MS) === start)
    const created = within.map(([, ms]) => ms)
    return {
      rows: within.length,
      fromMs: start * BUCKET_MS,
      lastMs: Math.max(...within.map(([ms]) => ms)),
      createdFromMs: Math.min(...created),
      createdToMs: Math.max(...created),
    }
  })
}

const time = fc.integer({ min: 0, max: 40 * BUCKET_MS })

test('every row is in one slice, later rows in later slices, and no slice is larger than it must be', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(time, time), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (rows, maxRows) => {
        const buckets = bucketsOf(rows)
        const slices = exportSlices(buckets, maxRows)
        const sliceOf = ([ingested, created]: readonly [number, number]) =>
          slices.flatMap((slice, index) =>
            ingested >= (slice.fromMs ?? 0) &&
            ingested < (slice.toMs ?? Number.POSITIVE_INFINITY) &&
            created >= (slice.createdFromMs ?? 0) &&
            created <= (slice.createdToMs ?? Number.POSITIVE_INFINITY)
              ? [index]
              : [],
          )
        const inOrder = rows.toSorted(([one], [other]) => one - other).map(sliceOf)
        for (const found of inOrder) expect(found).toHaveLength(1)
        const indexes = inOrder.flat()
        expect(indexes).toEqual(indexes.toSorted((a, b) => a - b))
        // What was counted is never left to the last slice, which has to look at everything.
        expect(indexes.every((index) => index < slices.length - 1)).toBe(true)
        const largest = Math.max(0, ...buckets.map((bucket) => bucket.rows))
        for (const index of new Set(indexes))
          expect(indexes.filter((other) => other === index).length).toBeLessThanOrEqual(
            Math.max(maxRows, largest),
          )
      },
    ),
  )
})

test('what comes after the count, of whatever age, is in the last slice', () => {
  const slices = exportSlices(bucketsOf([[1_000, 900]]), 10)
  expect(slices).toEqual([
    { fromMs: null, toMs: 1_001, createdFromMs: 900, createdToMs: 900 },
    { fromMs: 1_001, toMs: null, createdFromMs: null, createdToMs: null },
  ])
})
