import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordPart } from '../../api/answers.ts'
import {
  type CallPage,
  type CallPages,
  isBefore,
  recordsOf,
  withChanged,
  withinLimit,
  withNew,
  withNewer,
  withOlder,
  withoutRecord,
} from './call-pages.ts'

const record = (ms: number, requestId = `id-${ms}`): RecordPart => ({
  requestId,
  createdAt: new Date(ms).toISOString(),
})
const page = (times: readonly number[], rest: Partial<CallPage> = {}): CallPage => ({
  ...{ records: times.map((ms) => record(ms)), older: null, newer: null },
  ...rest,
})
const times = (pages: CallPages) => recordsOf(pages).map(({ createdAt }) => Date.parse(createdAt))

/** All times from 1 on, newest first, in pages as the API gives them out. */
const lists = fc
  .record({ count: fc.integer({ min: 1, max: 60 }), size: fc.integer({ min: 1, max: 20 }) })
  .map(({ count, size }) => {
    const all = Array.from({ length: count }, (_, at) => (count - at) * 10)
    const pages: CallPage[] = []
    for (let at = 0; at < count; at += size)
      pages.push(
        page(all.slice(at, at + size), {
          older: at + size < count ? `after ${at + size}` : null,
          newer: at === 0 ? null : `before ${at}`,
        }),
      )
    return { all, pages }
  })

test('paging to the end and back shows each call once, in order, and keeps to the limit', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 20, max: 40 }), ({ all, pages }, most) => {
      let shown: CallPages = pages.slice(0, 1)
      for (const next of pages.slice(1)) {
        shown = withOlder(shown, next, most)
        expect(recordsOf(shown).length).toBeLessThanOrEqual(most)
        expect(times(shown)).toEqual(times(shown).toSorted((one, other) => other - one))
      }
      expect(times(shown).at(-1)).toBe(all.at(-1))
      while (shown[0]?.newer != null) {
        const at = pages.findIndex(({ newer }) => newer === shown[0]?.newer) - 1
        const before = pages[at]
        if (before === undefined) throw new Error('no page before')
        shown = withNewer(shown, before, most)
        expect(recordsOf(shown).length).toBeLessThanOrEqual(most)
      }
      expect(times(shown)[0]).toBe(all[0])
      expect(new Set(times(shown)).size).toBe(times(shown).length)
    }),
  )
})

test('a new call goes to its place by time, whenever it comes', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 700 }), ({ pages }, ms) => {
      const late = record(ms, 'late')
      const shown = withNew(pages, late)
      const all = recordsOf(shown)
      expect(all.filter(({ requestId }) => requestId === 'late')).toHaveLength(1)
      for (const [at, one] of all.entries()) {
        const next = all[at + 1]
        if (next !== undefined) expect(isBefore(one, next)).toBe(true)
      }
    }),
  )
})

test('a new call does not enter where its neighbours are not loaded', () => {
  const older: CallPages = [page([30, 20], { older: 'more' })]
  expect(withNew(older, record(10))).toBe(older)
  const newer: CallPages = [page([30, 20], { newer: 'more' })]
  expect(withNew(newer, record(40))).toBe(newer)
})

test('calls that enter for hours do not pile up: the oldest pages leave, and a newest one that is too long is asked for anew', () => {
  const long = page([50, 40, 30], { older: 'after 30' })
  expect(withinLimit([long, page([20, 10])], 4)).toEqual([long])
  expect(withinLimit([long, page([20])], 4)).toEqual([long, page([20])])
  expect(withinLimit([long, page([20])], 2)).toBeNull()
})

test('a call that was let in live is not shown again when its page comes', () => {
  const shown = withNew([page([30], { older: 'more' })], record(30, 'zz'))
  const next = page([20])
  const both = { ...next, records: [record(30, 'zz'), ...next.records] }
  expect(recordsOf(withOlder(shown, both)).map(({ requestId }) => requestId)).toEqual([
    ...['zz', 'id-30', 'id-20'],
  ])
})

test('a changed call stays where it is, an erased one leaves', () => {
  const pages: CallPages = [page([30, 20], { older: 'more' }), page([10])]
  const changed = withChanged(pages, { ...record(10), status: 200 })
  expect(times(changed)).toEqual([30, 20, 10])
  expect(recordsOf(changed).at(-1)?.status).toBe(200)
  expect(times(withoutRecord(changed, 'id-20'))).toEqual([30, 10])
  expect(withChanged(pages, record(99))).toBe(pages)
})
