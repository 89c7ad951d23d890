import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecordPart } from '../../api/answers.ts'
import {
  mayEnter,
  NOTHING_WAITS,
  pillText,
  type Waiting,
  waitingCount,
  withArrival,
  withoutErased,
  withoutListed,
  withSkipped,
} from './live-admission.ts'

const record = (requestId: string): RecordPart => ({ requestId, createdAt: '2026-05-04T00:00:00Z' })
const waitingFor = (arrivals: readonly (readonly [id: string, ms: number])[]): Waiting =>
  arrivals.reduce((waiting, [id, ms]) => withArrival(waiting, record(id), ms), NOTHING_WAITS)

describe('rows that come live', () => {
  test('enter by themselves only while the reader is at nothing that they would move', () => {
    const waiting = waitingFor([['a', 0]])
    expect(mayEnter(waiting, { isCalm: true, nowMs: 10 })).toBe(true)
    expect(mayEnter(waiting, { isCalm: false, nowMs: 10 })).toBe(false)
    expect(pillText(waiting, 10)).toBe('1 new')
  })

  test('are only counted above 20 a second, until it is calmer', () => {
    const many = waitingFor(Array.from({ length: 150 }, (_, at) => [`${at}`, at * 30] as const))
    expect(mayEnter(many, { isCalm: true, nowMs: 4_500 })).toBe(false)
    expect(pillText(many, 4_500)).toBe('30 new a second')
    expect(mayEnter(many, { isCalm: true, nowMs: 9_000 })).toBe(true)
    expect(pillText(many, 9_000)).toBe('150 new')
  })

  test('that are left out make the list be read again', () => {
    const waiting = withSkipped(waitingFor([['a', 0]]), 40)
    expect(mayEnter(waiting, { isCalm: true, nowMs: 10 })).toBe(false)
    expect(pillText(waiting, 10)).toBe('41 new')
  })

  test('wait no longer once the list has them', () => {
    const waiting = withSkipped(
      waitingFor([
        ['a', 0],
        ['b', 0],
      ]),
      3,
    )
    const left = withoutListed(waiting, [record('a'), record('c')])
    expect([[...left.held.keys()], left.dropped]).toEqual([['b'], 0])
  })

  test('are counted once however often they change, and not once they are erased', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), (ids) => {
        const waiting = waitingFor(ids.map((id, at) => [id, at]))
        expect(waitingCount(waiting)).toBe(new Set(ids).size)
        expect(waiting.arrivalsMs).toHaveLength(new Set(ids).size)
        expect(withoutErased(waiting, 'a').held.has('a')).toBe(false)
      }),
    )
  })

  test('are held in bounded memory, and none is forgotten in the count', () => {
    const waiting = waitingFor(Array.from({ length: 700 }, (_, at) => [`${at}`, at] as const))
    expect(waiting.held.size).toBe(500)
    expect(waitingCount(waiting)).toBe(700)
  })
})
