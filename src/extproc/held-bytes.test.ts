import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeldBytes, type Holder } from './held-bytes.ts'

interface Call extends Holder {
  lastActiveMs: number
  gone: boolean
}

function calls(held: HeldBytes) {
  const made: Call[] = []
  const begin = (org: string, bytes: number, lastActiveMs = 0): Call => {
    const call: Call = {
      org,
      lastActiveMs,
      gone: false,
      letGo() {
        call.gone = true
        return 0
      },
    }
    made.push(call)
    held.hold(call, bytes)
    return call
  }
  return { begin, made }
}

test('an organisation over its bound gives way alone, its largest call first', () => {
  const { begin } = calls(new HeldBytes({ maxBytes: 1_000, maxBytesPerOrg: 100, nowMs: () => 0 }))
  const [other, small, large] = [begin('b', 90), begin('a', 30), begin('a', 60)]
  const last = begin('a', 40)
  expect([other.gone, small.gone, large.gone, last.gone]).toEqual([false, false, true, false])
})

test('a stalled call goes before a larger one that is alive', () => {
  const { begin } = calls(
    new HeldBytes({
      maxBytes: 1_000,
      maxBytesPerOrg: 100,
      nowMs: () => 60_000,
      stalledAfterMs: 10_000,
    }),
  )
  const [stalled, longer] = [begin('a', 20, 40_000), begin('a', 10, 30_000)]
  const alive = begin('a', 80, 59_000)
  expect([stalled.gone, longer.gone, alive.gone]).toEqual([false, true, false])
})

test('over the bound of all, the organisation that holds most gives way, not the one that came last', () => {
  const { begin } = calls(new HeldBytes({ maxBytes: 200, maxBytesPerOrg: 150, nowMs: () => 0 }))
  const heavy = begin('a', 140)
  const light = begin('b', 50)
  const last = begin('c', 40)
  expect([heavy.gone, light.gone, last.gone]).toEqual([true, false, false])
})

test('asked to, the organisation that holds most gives way, where that frees anything worth while', () => {
  const held = new HeldBytes({ maxBytes: 1_000, maxBytesPerOrg: 1_000, nowMs: () => 0 })
  held.giveWay(1)
  const { begin } = calls(held)
  const [least, small, large] = [begin('a', 10), begin('b', 20), begin('b', 70)]
  held.giveWay(91)
  expect([least.gone, small.gone, large.gone]).toEqual([false, false, false])
  held.giveWay(90)
  expect([least.gone, small.gone, large.gone]).toEqual([false, false, true])
})

test('a call that ends by letting go is forgotten', () => {
  const held = new HeldBytes({ maxBytes: 10, maxBytesPerOrg: 10 })
  const call: Holder = {
    org: 'a',
    lastActiveMs: 0,
    letGo() {
      held.release(call)
      return 0
    },
  }
  held.hold(call, 20)
  expect([held.bytes, held.count]).toEqual([0, 0])
})

test('what no one can let go of ends the search, not the process', () => {
  const held = new HeldBytes({ maxBytes: 10, maxBytesPerOrg: 10 })
  held.hold({ org: 'a', lastActiveMs: 0, letGo: () => 20 }, 20)
  expect(held.bytes).toBe(20)
})

test('the bounds hold, and no one within a fair share is touched for another', () => {
  const act = fc.record({
    org: fc.constantFrom('a', 'b', 'c'),
    bytes: fc.integer({ min: 0, max: 60 }),
    ends: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const held = new HeldBytes({ maxBytes: 300, maxBytesPerOrg: 100, nowMs: () => 0 })
      const { begin, made } = calls(held)
      const bytesOf = new Map<string, number>()
      for (const { org, bytes, ends } of acts) {
        const goneBefore = made.filter(({ gone }) => gone).length
        const call = begin(org, bytes)
        bytesOf.set(org, (bytesOf.get(org) ?? 0) + bytes)
        expect(held.bytes).toBeLessThanOrEqual(300)
        const gone = made.filter((other) => other.gone)
        if (gone.length > goneBefore)
          expect(
            gone
              .slice(goneBefore)
              .every((other) => other.org === org || (bytesOf.get(other.org) ?? 0) >= 100),
          ).toBe(true)
        if (ends) held.release(call)
      }
    }),
  )
})
