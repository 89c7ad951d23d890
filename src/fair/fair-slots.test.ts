import { expect, test } from 'vitest'
import { FairSlots } from './fair-slots.ts'

const slots = () => new FairSlots({ max: 3, maxPerOrg: 2, maxWaitingPerOrg: 3 })
const settled = async (work: Promise<unknown>) => {
  let isSettled = false
  work.then(
    () => {
      isSettled = true
    },
    () => {
      isSettled = true
    },
  )
  await new Promise(setImmediate)
  return isSettled
}

test('an organisation has its share of the slots and no more; another finds one free', async () => {
  const fair = slots()
  const free = [await fair.take('a'), await fair.take('a')]
  const third = fair.take('a')
  expect(await settled(third)).toBe(false)
  const other = await fair.take('b')
  free[0]?.()
  free[0]?.()
  const fourth = fair.take('a')
  expect(await settled(third)).toBe(true)
  expect(await settled(fourth)).toBe(false)
  other()
  free[1]?.()
  expect(await settled(fourth)).toBe(true)
})

test('those that wait take turns by organisation', async () => {
  const fair = new FairSlots({ max: 1, maxPerOrg: 1, maxWaitingPerOrg: 9 })
  const first = await fair.take('a')
  const order: string[] = []
  const ask = async (org: string) => {
    const giveBack = await fair.take(org)
    order.push(org)
    giveBack()
  }
  const asked = [ask('a'), ask('a'), ask('a'), ask('b')]
  first()
  await Promise.all(asked)
  expect(order.indexOf('b')).toBeLessThan(2)
})

test('who waits with too many others is refused for now, and who has left takes no slot', async () => {
  const fair = new FairSlots({ max: 1, maxPerOrg: 1, maxWaitingPerOrg: 1 })
  const giveBack = await fair.take('a')
  const left = new AbortController()
  const waiting = fair.take('a', left.signal)
  await expect(fair.take('a')).rejects.toMatchObject({ code: 'rate_limited' })
  left.abort(new Error('left'))
  await expect(waiting).rejects.toThrow('left')
  const next = fair.take('a')
  giveBack()
  expect(await settled(next)).toBe(true)
})
