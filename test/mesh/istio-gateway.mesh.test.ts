import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { leaksOf, saidByFlint } from '../support/everything-written.ts'
import { recordsByClaim } from '../support/records.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { until } from '../support/until.ts'
import { hasIstio } from './go-tools.ts'
import { APP_KEY, ask } from './support/app.ts'
import { filtersDelivered, filtersRendered } from './support/http-filters.ts'
import { type IstioMesh, SIDECARS, startIstioMesh } from './support/istio-mesh.ts'
import { LAST_EVENT } from './support/provider.ts'

/*
 * Istio's real control plane, its proxies, a provider that speaks TLS, and a whole Flint behind its
 * mTLS ports: what an auditor sees of calls whose apps know nothing of it.
 */

const APPS = { 'team-a': 'chatbot', 'team-b': 'search', 'team-c': 'guest' }
const identityOf = (namespace: keyof typeof APPS) =>
  `spiffe://cluster.local/ns/${namespace}/sa/${APPS[namespace]}`

describe.skipIf(!hasIstio())('an egress gateway that istiod configures', () => {
  let mesh: IstioMesh
  let directory: string
  beforeAll(async () => {
    directory = temporaryDirectory()
    const trust = {
      gateways: ['spiffe://cluster.local/ns/flint/sa/flint-egress'],
      sidecars: ['spiffe://cluster.local/ns/team-a/*', 'spiffe://cluster.local/ns/team-b/*'],
    }
    mesh = await startIstioMesh(directory, trust, {}, [
      {
        ...{ kind: 'router', namespace: 'flint', serviceAccount: 'flint-egress' },
        ...{ labels: { istio: 'flint-egress' }, ip: '127.0.0.9' },
      },
      ...Object.entries(APPS).map(([namespace, serviceAccount], index) => ({
        ...{ kind: 'sidecar' as const, namespace, serviceAccount },
        ...{ labels: { app: serviceAccount }, ip: `127.0.0.${20 + index}` },
      })),
    ])
    // Gates take over within seconds whose records a workload's calls are.
    await until(
      'the assignment',
      20_000,
      async () => (await ask(SIDECARS['team-a'], 'early')).status === 200,
    )
  })
  afterAll(() => mesh?.stop())

  const recordOf = async (claim: string) => (await recordsByClaim(mesh.flint, [claim])).get(claim)
  const errorOf = ({ status, body }: { status: number; body: string }) => [
    status,
    (JSON.parse(body) as { error: { code: string } }).error.code,
  ]

  test('has the filters in their order, field by field as they were rendered', async () => {
    const delivered = filtersDelivered(await mesh.proxies['flint']?.configDump())
    const rendered = await filtersRendered(mesh, temporaryDirectory())
    expect(rendered.map(({ name }) => name)).toEqual([
      'flint.auth',
      'flint.guard',
      'flint.observe',
      'envoy.filters.http.router',
    ])
    expect(delivered.slice(-rendered.length)).toEqual(rendered)
    expect(rendered[2]?.typed_config).toMatchObject({ observability_mode: true })
  })

  test.each(['team-a', 'team-b'] as const)(
    'makes one whole record of a call, of the workload whose certificate it checked: %s',
    async (namespace) => {
      const { status, body } = await ask(SIDECARS[namespace], `of-${namespace}`)
      expect([status, JSON.parse(body)]).toEqual([
        200,
        expect.objectContaining({ id: 'chatcmpl-1' }),
      ])
      expect(await recordOf(`of-${namespace}`)).toMatchObject({
        ...{ source: 'mesh', outcome: 'complete', status: 200, provider: 'openai' },
        ...{ endpoint: '/v1/chat/completions', totalTokens: 15, usageSource: 'provider' },
        ...{ keyId: null, keyHint: '...WXYZ', identityBasis: 'peer_certificate' },
        ...{ namespace, serviceAccount: APPS[namespace], cluster: 'Kubernetes' },
        workload: identityOf(namespace),
      })
    },
  )

  test('gives the provider the caller’s headers and key, and nothing else', async () => {
    await ask(SIDECARS['team-a'], 'headers', { headers: { 'x-of-the-caller': 'yes' } })
    const received = mesh.provider.received.at(-1)
    const headers = received?.headers ?? {}
    expect(received?.serverName).toBe('api.openai.com')
    expect(Object.keys(headers).sort()).toEqual([
      ...['authorization', 'content-length', 'content-type', 'host', 'x-of-the-caller'],
    ])
    expect(headers['authorization']).toBe(`Bearer ${APP_KEY}`)
    expect(headers['host']).toBe('api.openai.com')
  })

  test('lets a stream pass event by event, and has its whole record', async () => {
    let events = 0
    const calls = mesh.provider.received.length
    const answer = ask(SIDECARS['team-b'], 'streamed', {
      body: { stream: true },
      onData: (text) => {
        events += text.split('data: {').length - 1
      },
    })
    await eventually(() => expect(mesh.provider.received.length).toBe(calls + 1))
    for (let event = 1; event <= LAST_EVENT; event += 1) {
      mesh.provider.nextEvent()
      // The next one is sent only when the app has this one.
      await eventually(() => expect(events).toBe(event))
    }
    expect((await answer).status).toBe(200)
    expect(await recordOf('streamed')).toMatchObject({
      ...{ outcome: 'complete', stream: true, model: 'gpt-4o-2024-08-06', captureGap: null },
      ...{ totalTokens: 15, usageSource: 'provider', finishReason: 'stop' },
      workload: identityOf('team-b'),
    })
  })

  test('leaves no query in a log of a proxy, and with it no key that stands in one', async () => {
    const { flint: gateway, 'team-a': sidecar } = mesh.proxies
    const path = '/v1/models-of-this-test?key=AIzaOfTheCaller0123456789'
    await ask(SIDECARS['team-a'], 'key-in-query', { path })
    expect(mesh.provider.received.at(-1)?.path).toBe(path)
    await eventually(() => expect(gateway?.output()).toContain('/v1/models-of-this-test'))
    expect(gateway?.output()).not.toContain('AIzaOfTheCaller')
    // The mesh's own log goes on: for a call that is not to a provider.
    await ask(SIDECARS['team-a'], 'other', { path: '/other', headers: { host: 'other.example' } })
    await eventually(() => expect(sidecar?.output()).toContain('/other'))
    expect(sidecar?.output()).not.toContain('AIzaOfTheCaller')
  })

  test('serves no namespace that the settings do not name', async () => {
    const calls = mesh.provider.received.length
    expect((await ask(SIDECARS['team-c'], 'of-team-c')).status).toBe(403)
    expect(mesh.provider.received.length).toBe(calls)
  })

  test('refuses a workload that belongs to no organisation any more, without a record', async () => {
    const listed = JSON.parse(await mesh.flint.cli('mesh', 'list', '--json')) as { id: string }[]
    for (const { id } of listed) await mesh.flint.cli('mesh', 'unassign', id)
    await eventually(async () =>
      expect(errorOf(await ask(SIDECARS['team-a'], 'of-no-one'))).toEqual([403, 'forbidden']),
    )
    await mesh.flint.cli('mesh', 'assign')
    await eventually(async () =>
      expect((await ask(SIDECARS['team-a'], 'assigned-again')).status).toBe(200),
    )
  })

  test('counts what its filters do', async () => {
    const counted = await mesh.proxies['flint']?.counter('ext_proc.auth.streams_started')
    expect(counted).toBeGreaterThan(0)
  })

  test('lets calls pass while the observer is away, and none while the gate is', async () => {
    await mesh.observer.goAway()
    expect((await ask(SIDECARS['team-a'], 'observer-away')).status).toBe(200)
    await mesh.observer.comeBack()
    await mesh.gate.goAway()
    const calls = mesh.provider.received.length
    const refused = await ask(SIDECARS['team-a'], 'gate-away')
    expect(errorOf(refused)).toEqual([503, 'audit_unavailable'])
    expect(refused.headers['content-type']).toBe('application/json')
    expect(mesh.provider.received.length).toBe(calls)
    await mesh.gate.comeBack()
    await eventually(async () =>
      expect((await ask(SIDECARS['team-a'], 'gate-back')).status).toBe(200),
    )
  })

  test('refuses a call in JSON while the gate hangs', async () => {
    const pid = mesh.flint.pid('gate')
    process.kill(pid, 'SIGSTOP')
    try {
      expect(errorOf(await ask(SIDECARS['team-a'], 'gate-hangs'))).toEqual([
        503,
        'audit_unavailable',
      ])
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  })

  test('withholds what the observer did not see once the profile is acked', async () => {
    mesh.change({ profile: 'acked' })
    await untilDelivered('flint', 'flint.acked')
    expect((await ask(SIDECARS['team-a'], 'acked')).status).toBe(200)
    expect(await recordOf('acked')).toMatchObject({ outcome: 'complete', totalTokens: 15 })
    await mesh.observer.goAway()
    expect(errorOf(await ask(SIDECARS['team-a'], 'not-acked'))).toEqual([503, 'audit_unavailable'])
    await mesh.observer.comeBack()
    mesh.change({})
    await untilDelivered('flint', 'flint.observe')
  })

  test('makes one record of a call that its sidecar has captured already', async () => {
    mesh.change({ captureAt: 'both' })
    await untilDelivered('team-a', 'flint.auth')
    // Calls of the time before the change are over, and have records without a sighting.
    expect((await ask(SIDECARS['team-a'], 'captured-twice')).status).toBe(200)
    const record = await recordOf('captured-twice')
    expect(record).toMatchObject({
      ...{ outcome: 'complete', status: 200, totalTokens: 15 },
      ...{ workload: identityOf('team-a'), identityBasis: 'proxy_certificate' },
    })
    const seenAgain = () =>
      mesh.flint.sql<{ kind: string; workload: string }>(
        `SELECT kind, workload FROM evidence WHERE record_id = '${record?.requestId}' AND identity_basis = 'peer_certificate'`,
      )
    await eventually(async () =>
      expect(await seenAgain()).toEqual([{ kind: 'sighting', workload: identityOf('team-a') }]),
    )
    const headers = mesh.provider.received.at(-1)?.headers ?? {}
    expect(Object.keys(headers).filter((name) => /flint|envoy|forwarded/.test(name))).toEqual([])
    mesh.change({})
  })

  // Last: of everything that the tests before have called.
  test('leaves the key of the app, and one in a query, in no file, table or log of Flint', async () => {
    const { leaks, searched } = leaksOf(
      [APP_KEY, 'AIzaOfTheCaller0123456789'],
      [mesh.flint.dataDir],
      await saidByFlint(mesh.flint),
    )
    expect(searched).toBeGreaterThan(10)
    expect(leaks).toEqual([])
  })

  const untilDelivered = (namespace: string, filter: string) =>
    eventually(async () => {
      const filters = filtersDelivered(await mesh.proxies[namespace]?.configDump())
      expect(filters.map(({ name }) => name)).toContain(filter)
    }, 30_000)
})
