import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { BodyBudget } from './body-budget.ts'

const send = async (budget: BodyBudget, org: string, bytes: number) => {
  const { through, free } = budget.count(org)
  const from = new PassThrough()
  from.end(Buffer.alloc(bytes))
  await pipeline(from, through, async (body) => {
    for await (const _ of body);
  })
  return free
}

test('what has come counts, per organisation and in all, until it is worked off', async () => {
  const budget = new BodyBudget({ maxBytes: 250, maxBytesPerOrg: 100 })
  const free = await send(budget, 'a', 90)
  await expect(send(budget, 'a', 20)).rejects.toMatchObject({ code: 'rate_limited' })
  await send(budget, 'b', 90)
  free()
  free()
  await send(budget, 'a', 100)
  await expect(send(budget, 'c', 90)).rejects.toMatchObject({ code: 'rate_limited' })
})

test('what is only announced counts nothing: slow uploads keep no one out', async () => {
  const budget = new BodyBudget({ maxBytes: 100, maxBytesPerOrg: 100 })
  for (let slow = 0; slow < 50; slow++) budget.count('a').through.write(Buffer.alloc(1))
  await send(budget, 'b', 40)
})
