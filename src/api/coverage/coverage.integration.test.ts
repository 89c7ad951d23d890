import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import type { ConnectionRow } from '../../evidence/connection.ts'
import { jsonLine } from '../../evidence/json-line.ts'
import { sampleConnection } from '../../evidence/sample-connection.ts'
import { sampleClosing, sampleIntent, sampleObservation } from '../../evidence/sample-evidence.ts'
import { insertJsonLines } from '../../store/evidence/insert-evidence.ts'

const HOUR_MS = 3_600_000
/** On the whole hour, two hours ago: what is missing of a call does not come any more. */
const THEN = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS
const CALLER = {
  ...{ workload: 'spiffe://cluster.local/ns/shop/sa/checkout', namespace: 'shop' },
  ...{ service_account: 'checkout', identity_basis: 'peer_certificate' as const },
}
let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
  const { ours, theirs } = flint
  const call = (org: string, id: number) => ({ org, createdAtMs: THEN + id * 60_000, id })
  const whole = (org: string, id: number, more: object) => [
    sampleIntent(call(org, id), { ...CALLER, ...more }),
    sampleObservation(call(org, id)),
    sampleClosing(call(org, id)),
  ]
  await flint.put(
    ...whole(ours.org, 1, {}),
    ...whole(ours.org, 2, {}),
    // Not observed, but its end is known: lost.
    sampleIntent(call(ours.org, 3), CALLER),
    sampleClosing(call(ours.org, 3)),
    ...whole(ours.org, 4, { namespace: 'lab', workload: 'spiffe://cluster.local/ns/lab/sa/try' }),
    // With a Flint key, not through a mesh.
    sampleIntent(call(ours.org, 5)),
    sampleObservation(call(ours.org, 5)),
    ...whole(theirs.org, 6, { namespace: 'theirs' }),
  )
  await connect(
    at(10),
    // The same once more, as Envoy sends it again.
    at(10),
    at(11, { policy: 'uncovered', host: 'api.mistral.ai', provider: 'mistral' }),
    at(12, { namespace: null, workload: null, identity_basis: 'source_address' }),
    sampleConnection({ org: theirs.org, openedAtMs: THEN, id: 13 }),
  )
})
afterAll(() => flint?.stop())

const at = (id: number, more: Partial<ConnectionRow> = {}) =>
  sampleConnection({ org: flint.ours.org, openedAtMs: THEN + id * 60_000, id }, more)

async function connect(...rows: readonly ConnectionRow[]): Promise<void> {
  const body = Buffer.from(rows.map(jsonLine).join(''))
  await insertJsonLines(flint.store.client, { table: 'connections', body, token: `${rows.length}` })
}

const coverage = async (query = '', key = flint.ours.key) =>
  (await flint.ask('GET', `/v1/coverage${query}`, { key })).body
const iso = (minutes: number) => new Date(THEN + minutes * 60_000).toISOString()

test('each namespace has its calls, what was lost of them, and the connections that nothing could read', async () => {
  const { groups, isCut, groupBy } = await coverage()
  expect({ isCut, groupBy }).toEqual({ isCut: false, groupBy: 'namespace' })
  expect(groups).toEqual([
    {
      ...{ name: 'shop', captured: 2, lost: 1, opaque: 1, uncovered: 1 },
      ...{ opaqueBytes: 6_500, uncoveredBytes: 6_500, share: 0.4 },
      ...{ firstSeenAt: iso(1), lastSeenAt: iso(11) },
    },
    {
      ...{ name: null, captured: 0, lost: 0, opaque: 1, uncovered: 0 },
      ...{ opaqueBytes: 6_500, uncoveredBytes: 0, share: 0 },
      ...{ firstSeenAt: iso(12), lastSeenAt: iso(12) },
    },
    {
      ...{ name: 'lab', captured: 1, lost: 0, opaque: 0, uncovered: 0 },
      ...{ opaqueBytes: 0, uncoveredBytes: 0, share: 1 },
      ...{ firstSeenAt: iso(4), lastSeenAt: iso(4) },
    },
  ])
})

test('hosts that no policy is about are named, with who asked for them', async () => {
  expect((await coverage()).hosts).toEqual([
    {
      ...{ host: 'api.mistral.ai', provider: 'mistral', connections: 1, bytes: 6_500 },
      ...{ workloads: 1, firstSeenAt: iso(11), lastSeenAt: iso(11) },
    },
  ])
})

test('workloads are groups where that is asked, and a range without any has none', async () => {
  const { groups } = await coverage('?groupBy=workload')
  expect(groups.map(({ name }) => name)).toEqual([
    ...[CALLER.workload, null, 'spiffe://cluster.local/ns/lab/sa/try'],
  ])
  expect(await coverage('?from=2020-01-01&to=2020-01-02')).toMatchObject({ groups: [], hosts: [] })
})

test('a grouping that does not exist is refused by its name', async () => {
  const { status, body } = await flint.ask('GET', '/v1/coverage?groupBy=cluster', {
    key: flint.ours.key,
  })
  expect([status, body.error.message]).toEqual([400, expect.stringContaining('groupBy')])
})
