import { expect, test } from 'vitest'
import { countFacts, createObserverCounters } from './extproc/observer-counters.ts'
import { metricsOf } from './metrics/metric.ts'
import { OBSERVER } from './metrics/observer-metrics.ts'
import { createRegistry } from './metrics/serve-metrics.ts'
import { priceCall } from './pricing/cost.ts'
import { play } from './providers/fixtures/play.ts'

test('endpoints, usage members and prices that are not known are counted by name, without ids, and within bounds', async () => {
  const counters = createObserverCounters()
  const observe = async (endpoint: string, answer: string) => {
    const facts = await play({ endpoint, answer, request: '{"model":"gpt-next"}' })
    countFacts(counters, facts, priceCall({ ...facts, provider: 'openai', atMs: 0 }), endpoint)
  }
  await observe(
    '/v1/dreams/dream_68af2c/parts',
    '{"usage":{"input_tokens":1,"output_tokens":1,"dreams":2}}',
  )
  await observe('/v1/dreams/dream_7711bb/parts', '{}')
  await observe(
    '/v1/chat/completions',
    '{"usage":{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"smell_tokens":1}}}',
  )
  expect(Object.fromEntries(counters.unknownEndpoint)).toEqual({ '/v1/dreams/{id}/parts': 2 })
  expect(Object.fromEntries(counters.unknownUsage)).toEqual({
    'by-shape/5 dreams': 1,
    'openai-chat/5 prompt_tokens_details.smell_tokens': 1,
  })
  expect(Object.fromEntries(counters.costReason)).toEqual({ unknown_model: 2, no_usage: 1 })
  for (let path = 0; path < 300; path++)
    await observe(
      `/v1/${'abcdefghij'[path % 10]}${'klmnopqrst'[Math.floor(path / 10) % 10]}${'uvw'[Math.floor(path / 100)]}`,
      '{}',
    )
  expect(counters.unknownEndpoint.size).toBeLessThanOrEqual(101)
  expect([...counters.unknownEndpoint.values()].reduce((sum, count) => sum + count, 0)).toBe(302)
  const page = await createRegistry(metricsOf(OBSERVER, counters)).metrics()
  expect(page).toContain('flint_observer_unknown_endpoint_total{name="/v1/dreams/{id}/parts"} 2\n')
})
