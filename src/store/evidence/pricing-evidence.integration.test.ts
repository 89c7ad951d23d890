import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines, sampleObservation } from '../../evidence/sample-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { insertJsonLines } from './insert-evidence.ts'
import { pricedRows } from './pricing-evidence.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

test('a price with a reason of an earlier build is not taken for another price', async () => {
  const createdAtMs = Date.now() - 60_000
  const reasons = ['untold_split', 'untold_cache_rate', 'similar_model', null]
  const rows = reasons.map((cost_reason, id) =>
    sampleObservation({ org: 'org_1', createdAtMs, id }, { cost_reason }),
  )
  await insertJsonLines(store.client, { table: 'evidence', body: jsonLines(rows), token: 'rows' })
  const found: unknown[] = []
  const range = { org: 'org_1', fromMs: createdAtMs, toMs: createdAtMs + 1 }
  for await (const page of pricedRows(store.client, range))
    found.push(...page.map(({ price }) => price))
  expect(found).toMatchObject([
    { cost_reason: 'unreported_split' },
    { cost_reason: 'unreported_cache_rate' },
    { cost_reason: 'similar_model' },
    { cost_reason: null },
  ])
})
