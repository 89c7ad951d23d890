import { resolve } from 'node:path'
import { afterEach, expect, it } from 'vitest'
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
const counted = (from: TokenCounter, content: string) =>
  new Promise<ExchangeCounts | null>((resolve) => from.count(exchange(content), resolve))

it('counts in its own thread, while this one goes on', async () => {
  counter = createTokenCounter({ programDirectory, patienceMs: 60_000 })
  let turns = 0
  const tick = setInterval(() => {
    turns += 1
  }, 0)
  const long = await counted(counter, 'many words '.repeat(40_000))
  clearInterval(tick)
  expect(long?.inputTokens).toBeGreaterThan(80_000)
  expect(await counted(counter, 'How many tokens is this?')).toEqual({ inputTokens: 13, outputTokens: 3 })
  expect(turns).toBeGreaterThan(1)
})

it('answers with null what is too much, too late, or asked when it is closed', async () => {
  counter = createTokenCounter({ programDirectory, maxWaiting: 1, patienceMs: 60_000 })
  const first = counted(counter, 'a')
  expect(await counted(counter, 'b')).toBeNull()
  expect(await first).not.toBeNull()
  const late = createTokenCounter({ programDirectory, patienceMs: 0 })
  expect(await counted(late, 'a')).toBeNull()
  late.close()
  const waiting = counted(counter, 'c')
  counter.close()
  expect(await waiting).toBeNull()
  expect(await counted(counter, 'd')).toBeNull()
})

it('a worker that cannot start costs the counts, not the process', async () => {
  counter = createTokenCounter({ programDirectory: '/nowhere' })
  expect(await counted(counter, 'a')).toBeNull()
  expect(await counted(counter, 'b')).toBeNull()
})
