import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordsByClaim } from '../support/records.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { until } from '../support/until.ts'
import { hasIstio } from './go-tools.ts'
import { call } from './support/app.ts'
import { type FlintOfMesh, startFlintOfMesh } from './support/flint-of-mesh.ts'
import { type IstioMesh, SIDECARS, startIstioMeshOf } from './support/istio-mesh.ts'

/*
 * Istio's real control plane, its proxies, a provider that speaks TLS, and a whole Flint behind its
 * mTLS ports: what an auditor sees of calls whose apps know nothing of it.
 */

const APPS = { 'team-a': 'chatbot', 'team-b': 'search' }
const APP_KEY = 'sk-proj-of-an-app-0123456789abcdefWXYZ'

const sidecarOf = (namespace: 'team-a' | 'team-b', ip: string) => ({
  ...{ kind: 'sidecar' as const, namespace, serviceAccount: APPS[namespace] },
  ...{ labels: { app: APPS[namespace] }, ip },
})
const ask = (namespace: 'team-a' | 'team-b', claim: string, path?: string) =>
  call(SIDECARS[namespace], {
    ...(path === undefined ? {} : { path }),
    headers: { authorization: `Bearer ${APP_KEY}`, 'x-flint-request-id': claim },
    body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] },
  })

/** Gates take over within seconds whose records a workload's calls are. */
const untilAssigned = () =>
  until('the assignment', 20_000, async () => (await ask('team-a', 'early')).status === 200)

describe.skipIf(!hasIstio())('calls through an egress gateway that istiod configures', () => {
  let mesh: IstioMesh<FlintOfMesh>
  beforeAll(async () => {
    const directory = temporaryDirectory()
    mesh = await startIstioMeshOf(
      startFlintOfMesh(directory, {
        gateways: ['spiffe://cluster.local/ns/flint/sa/flint-egress'],
      }),
      directory,
      {},
      [
        {
          ...{ kind: 'router', namespace: 'flint', serviceAccount: 'flint-egress' },
          ...{ labels: { istio: 'flint-egress' }, ip: '127.0.0.9' },
        },
        sidecarOf('team-a', '127.0.0.20'),
        sidecarOf('team-b', '127.0.0.21'),
      ],
    )
    await untilAssigned()
  }, 240_000)
  afterAll(() => mesh?.stop())

  test('have one whole record each, of the workload whose certificate the gateway checked', async () => {
    const { flint } = mesh.processor
    const claims = { 'team-a': 'of-team-a', 'team-b': 'of-team-b' } as const
    for (const namespace of ['team-a', 'team-b'] as const)
      expect((await ask(namespace, claims[namespace])).status).toBe(200)
    const records = await recordsByClaim(flint, Object.values(claims))
    for (const namespace of ['team-a', 'team-b'] as const)
      expect(records.get(claims[namespace])).toMatchObject({
        ...{ source: 'mesh', outcome: 'complete', status: 200, provider: 'openai' },
        ...{ endpoint: '/v1/chat/completions', totalTokens: 15, usageSource: 'provider' },
        ...{ keyId: null, keyHint: '...WXYZ', identityBasis: 'peer_certificate' },
        ...{ namespace, serviceAccount: APPS[namespace], cluster: 'Kubernetes' },
        workload: `spiffe://cluster.local/ns/${namespace}/sa/${APPS[namespace]}`,
      })
    const headers = mesh.provider.received.at(-1)?.headers ?? {}
    expect(headers['authorization']).toBe(`Bearer ${APP_KEY}`)
    expect(Object.keys(headers).filter((name) => /flint|envoy|forwarded/.test(name))).toEqual([])
  })

  test('leave the key of the app, and one in a query, in no table', async () => {
    const { flint } = mesh.processor
    await ask('team-a', 'key-in-query', '/v1/models?key=AIzaOfTheCaller0123456789')
    await recordsByClaim(flint, ['key-in-query'])
    const rows = await flint.sql<object>('SELECT * FROM evidence')
    expect(rows.length).toBeGreaterThan(3)
    for (const secret of [APP_KEY, 'AIzaOfTheCaller0123456789'])
      expect(JSON.stringify(rows)).not.toContain(secret)
  })

  test('are refused where the workload belongs to no organisation any more, and leave no record', async () => {
    const { flint } = mesh.processor
    const listed = JSON.parse(await flint.cli('mesh', 'list', '--json')) as Array<{ id: string }>
    for (const { id } of listed) await flint.cli('mesh', 'unassign', id)
    await expect
      .poll(async () => (await ask('team-a', 'of-no-one')).status, { timeout: 20_000 })
      .toBe(403)
    await flint.cli('mesh', 'assign')
    await expect
      .poll(async () => (await ask('team-a', 'again')).status, { timeout: 20_000 })
      .toBe(200)
  })
})

describe.skipIf(!hasIstio())('calls through sidecars that istiod configures', () => {
  let mesh: IstioMesh<FlintOfMesh>
  beforeAll(async () => {
    const directory = temporaryDirectory()
    mesh = await startIstioMeshOf(
      startFlintOfMesh(directory, { sidecars: ['spiffe://cluster.local/ns/team-a/*'] }),
      directory,
      { captureAt: 'sidecar', namespaces: ['team-a'] },
      [sidecarOf('team-a', '127.0.0.20')],
    )
    await untilAssigned()
  }, 240_000)
  afterAll(() => mesh?.stop())

  test('are of the workload whose certificate the sidecar shows to Flint', async () => {
    expect((await ask('team-a', 'of-a-sidecar')).status).toBe(200)
    const records = await recordsByClaim(mesh.processor.flint, ['of-a-sidecar'])
    expect(records.get('of-a-sidecar')).toMatchObject({
      ...{ source: 'mesh', outcome: 'complete', totalTokens: 15 },
      ...{ identityBasis: 'proxy_certificate', namespace: 'team-a' },
      workload: 'spiffe://cluster.local/ns/team-a/sa/chatbot',
    })
  })
})
