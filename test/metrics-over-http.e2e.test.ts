import { expect, test } from 'vitest'
import { freePort } from './support/flint.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { useFlint } from './support/use-flint.ts'

const ROLES = ['gate', 'observer', 'delivery', 'api'] as const
const ports = Object.fromEntries(
  await Promise.all(ROLES.map(async (role) => [role, await freePort()] as const)),
) as Record<(typeof ROLES)[number], number>
const flint = useFlint(() => ({
  upstream: 'http://127.0.0.1:1',
  env: Object.fromEntries(
    ROLES.map((role) => [`FLINT_METRICS_${role.toUpperCase()}_PORT`, `${ports[role]}`]),
  ),
}))

const pageOf = (role: (typeof ROLES)[number], path = '/metrics', method = 'GET') =>
  rawCall(`http://127.0.0.1:${ports[role]}${path}`, { method })
async function sample(role: (typeof ROLES)[number], name: string): Promise<number> {
  const page = (await pageOf(role)).body.toString()
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return Number(line?.split(' ')[1])
}

test.each(ROLES)('%s serves its metrics, and nothing else, on its own port', async (role) => {
  const page = await pageOf(role)
  expect([page.status, page.header('content-type')]).toEqual([
    200,
    expect.stringContaining('text/plain; version=0.0.4'),
  ])
  expect(page.body.toString()).toContain(`\nflint_${role}_`)
  expect(page.body.toString()).toMatch(/\nnodejs_eventloop_active_seconds_total \d/)
  expect((await pageOf(role, '/')).status).toBe(404)
  expect((await pageOf(role, '/metrics', 'POST')).status).toBe(404)
})

test('how long verdicts of the gate take is counted by call, in buckets that add up', async () => {
  const before = await sample('gate', 'flint_gate_verdict_seconds_count')
  await rawCall(`${flint.baseUrl}/v1/proxy/openai/models`, {
    method: 'GET',
    headers: { authorization: `Bearer ${flint.key}`, 'x-provider-key': PROVIDER_KEY },
  })
  await rawCall(`${flint.baseUrl}/v1/proxy/openai/models`, { method: 'GET' })
  expect(await sample('gate', 'flint_gate_verdict_seconds_count')).toBe(before + 2)
  const page = (await pageOf('gate')).body.toString()
  const buckets = [...page.matchAll(/^flint_gate_verdict_seconds_bucket\{le="(.+)"\} (\d+)$/gm)]
  const counts = buckets.map(([, , count]) => Number(count))
  expect(counts).toEqual(counts.toSorted((one, other) => one - other))
  expect([buckets.at(-1)?.[1], counts.at(-1)]).toEqual(['+Inf', before + 2])
  expect(await sample('gate', 'flint_gate_verdict_seconds_sum')).toBeGreaterThan(0)
})
