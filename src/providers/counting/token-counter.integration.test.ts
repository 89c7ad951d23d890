import { resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { sse } from '../fixtures/play.ts'
import type { ExchangeCounts } from './count-exchange.ts'
import { createTokenCounter, type TokenCounter } from './token-counter.ts'

const programDirectory = resolve(import.meta.dirname, '../../../dist')
let counter: TokenCounter | null = null
afterEach(() => counter?.close())

const exchange = (content: string) => ({
  format: 'openai-chat',
  model: 'gpt-4o',
  request: Buffer.from(JSON.stringify({ messages: [{ role: 'user', content }] })),
  answer: Buffer.from(sse({ choices: [{ index: 0, delta: { content: 'Not many.' } }] })),
})
const countedFor = (from: TokenCounter, org: string, content: string) =>
  new Promise<ExchangeCounts | null>((resolve) => from.count(org, exchange(content), resolve))
const counted = (from: TokenCounter, content: string) => countedFor(from, 'org_a', content)

test('counts in its own thread, while this one goes on', async () => {
  counter = createTokenCounter({ programDirectory, patienceMs: 60_000 })
  let turns = 0
  const tick = setInterval(() => {
    turns += 1
  }, 0)
  const long = await counted(counter, 'many words '.repeat(40_000))
  clearInterval(tick)
  expect(long?.inputTokens).toBeGreaterThan(80_000)
  expect(await counted(counter, 'How many tokens is this?')).toEqual({
    inputTokens: 13,
    outputTokens: 3,
  })
  expect(turns).toBeGreaterThan(1)
})

test('answers with null what is too much, too late, or asked when it is closed', async () => {
  counter = createTokenCounter({ programDirectory, maxWaitingPerOrg: 1, patienceMs: 60_000 })
  const first = counted(counter, 'a')
  const waits = counted(counter, 'b')
  expect(await counted(counter, 'c')).toBeNull()
  expect(await waits).not.toBeNull()
  expect(await first).not.toBeNull()
  const late = createTokenCounter({ programDirectory, patienceMs: 0 })
  expect(await counted(late, 'a')).toBeNull()
  late.close()
  const waiting = counted(counter, 'd')
  counter.close()
  expect(await waiting).toBeNull()
  expect(await counted(counter, 'e')).toBeNull()
})

test('a worker that cannot start costs the counts, not the process', async () => {
  counter = createTokenCounter({ programDirectory: '/nowhere' })
  expect(await counted(counter, 'a')).toBeNull()
  expect(await counted(counter, 'b')).toBeNull()
})

test('a call that takes too long costs its own count alone', async () => {
  // The worker cannot answer before its vocabulary is loaded: the first call is given up.
  const hurried = createTokenCounter({ programDirectory, patienceMs: 1 })
  counter = hurried
  const first = countedFor(hurried, 'org_a', 'a')
  const others = ['org_b', 'org_c'].map((org) => countedFor(hurried, org, 'b'))
  expect(await first).toBeNull()
  // Each is asked of a worker of its own, and is answered.
  expect(await Promise.all(others)).toHaveLength(2)
})

test('one organisation with many calls does not push out another', async () => {
  counter = createTokenCounter({ programDirectory, maxWaitingPerOrg: 4, patienceMs: 60_000 })
  const from = counter
  const order: string[] = []
  const ask = (org: string) =>
    countedFor(from, org, 'a').then((counts) => order.push(`${org} ${counts === null}`))
  const asked = [...Array.from({ length: 20 }, () => ask('org_a')), ask('org_b')]
  await Promise.all(asked)
  expect(order.filter((entry) => entry === 'org_a true')).toHaveLength(15)
  // It is the second in turn, not the last.
  expect(order.filter((entry) => entry.endsWith('false')).indexOf('org_b false')).toBeLessThan(3)
})

test('runs longer than in any language are counted in time that grows with their length', async () => {
  counter = createTokenCounter({ programDirectory })
  for (const run of ['a', '的', '!', '\n', '😀'])
    expect((await counted(counter, run.repeat(100_000)))?.inputTokens, run).toBeGreaterThan(1_000)
})
