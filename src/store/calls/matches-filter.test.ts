import { expect, test } from 'vitest'
import type { CallFilter } from './call-filter.ts'
import { matchesFilter } from './matches-filter.ts'
import { sampleRecord } from './sample-record.ts'

const record = sampleRecord({
  model: 'gpt-4o-2024',
  requestModel: 'gpt-4o',
  status: 429,
  stream: null,
  userAgent: '!odd*',
  sessionId: null,
  costUsd: '0.000000000001',
  latencyMs: 10,
  tags: { team: 'a:b', empty: '' },
  createdAt: '2026-05-01T12:00:00.000Z',
  completedAt: null,
})

const meets: readonly CallFilter[] = [
  {},
  { model: 'gpt-4o' },
  { model: ['other', 'gpt-4o-2024'] },
  { model: 'gpt-4*' },
  { model: '*' },
  { model: '!gpt-5*' },
  { status: '429' },
  { status: '4xx' },
  { status: ['5xx', '429', '!500'] },
  { failed: 'true' },
  { recordModel: 'gpt-4o-2024' },
  { recordModel: ['gpt-4o-*', '!gpt-4o'] },
  // What is null is nothing: it meets every exclusion.
  { stream: '!true' },
  { stream: '!false' },
  { sessionId: '!s' },
  { userAgent: '\\!odd*' },
  { userAgent: '\\!odd\\*' },
  { userAgent: '!odd*' },
  { tag: 'team:a:b' },
  { tag: 'TEAM:a:b' },
  { tag: 'empty:' },
  { tag: ['!team:a', '!other:'] },
  { minCostUsd: '0.000000000001', maxCostUsd: '0.000000000001' },
  { minLatencyMs: 10, maxLatencyMs: 10 },
  { fromMs: Date.parse('2026-05-01T12:00:00Z'), toMs: Date.parse('2026-05-01T12:00:00.001Z') },
]
test.each(meets)('a record meets %j', (filter) => {
  expect(matchesFilter(record, filter)).toBe(true)
})

const fails: readonly CallFilter[] = [
  { model: 'gpt' },
  { model: ['gpt-4o', '!gpt-4o-2024'] },
  { model: 'g*4o' },
  { model: '!*' },
  { status: '!4xx' },
  { failed: 'false' },
  { failed: '!true' },
  { recordModel: 'gpt-4o' },
  { status: ['429', '!429'] },
  { stream: 'true' },
  { stream: ['true', 'false'] },
  { sessionId: 's' },
  { sessionId: '' },
  { userAgent: '!\\!odd*' },
  { userAgent: '!!odd*' },
  { tag: 'team:a' },
  { tag: 'other:' },
  { tag: '!empty:' },
  { minCostUsd: '0.000000000002' },
  { maxCostUsd: '0' },
  { maxLatencyMs: 9 },
  { toMs: Date.parse('2026-05-01T12:00:00Z') },
  // A range excludes what is null, at both ends.
  { completedFromMs: 0 },
  { completedToMs: 9_000_000_000_000 },
  { minTotalTokens: 0 },
]
test.each(fails)('a record fails %j', (filter) => {
  expect(matchesFilter(record, filter)).toBe(false)
})
