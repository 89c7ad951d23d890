import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../test/support/api-on-store.ts'
import { sampleCall } from '../evidence/sample-evidence.ts'

let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
  await flint.put(...sampleCall({ org: flint.ours.org, createdAtMs: Date.now() - 3_600_000 }))
})
afterAll(() => flint?.stop())

const ROUTES = [
  '/v1/audit?',
  '/v1/audit/summary?bucket=none&',
  '/v1/audit/top?by=latencyMs&',
  '/v1/audit/losses?',
  '/v1/audit/facets?field=model&',
  '/v1/audit/export?format=ndjson&',
]
/** ClickHouse's times end in 2299; a year of four digits may be asked for. */
const RANGES = [
  'from=0001-01-01&to=9999-12-31',
  'from=2020-01-01&to=9999-12-31&completedFrom=0001-01-01&completedTo=9999-12-31',
  'from=2020-01-01&ingestedFrom=0001-01-01&ingestedTo=9999-12-31',
]

test.each(
  ROUTES.flatMap((route) =>
    RANGES.filter((range) => !route.includes('losses') || !range.includes('ed')).map((range) => [
      `${route}${range}`,
    ]),
  ),
)('times that no clock shows leave out no call: GET %s', async (url) => {
  const answer = await flint.api.inject({
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${flint.ours.key}` },
  })
  expect(answer.statusCode, answer.payload).toBe(200)
  expect(answer.payload).toMatch(/gpt-4o|"calls": ?1/)
})
