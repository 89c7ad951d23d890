import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { hasIstio } from './go-tools.ts'
import { call } from './support/app.ts'
import { filtersDelivered, filtersRendered } from './support/http-filters.ts'
import { type IstioMesh, SIDECARS, startIstioMesh } from './support/istio-mesh.ts'
import { LAST_EVENT } from './support/provider.ts'

const APPS = { 'team-a': 'chatbot', 'team-b': 'search', 'team-c': 'guest' }

describe.skipIf(!hasIstio())('an egress gateway that istiod configures', () => {
  let mesh: IstioMesh
  beforeAll(async () => {
    mesh = await startIstioMesh(temporaryDirectory(), {}, [
      {
        ...{ kind: 'router', namespace: 'flint', serviceAccount: 'flint-egress' },
        ...{ labels: { istio: 'flint-egress' }, ip: '127.0.0.9' },
      },
      ...Object.entries(APPS).map(([namespace, serviceAccount], index) => ({
        ...{ kind: 'sidecar' as const, namespace, serviceAccount },
        ...{ labels: { app: serviceAccount }, ip: `127.0.0.${20 + index}` },
      })),
    ])
  })
  afterAll(() => mesh?.stop())

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
    'asks the gate about a call with the identity of its workload: %s',
    async (namespace) => {
      const { asked, observed } = mesh.processor
      const askedBefore = asked.length
      const { status, body } = await call(SIDECARS[namespace])
      expect([status, JSON.parse(body)]).toEqual([
        200,
        expect.objectContaining({ id: 'chatcmpl-1' }),
      ])
      expect(asked.slice(askedBefore)).toEqual([
        expect.objectContaining({
          mode: 'mesh',
          proxy: expect.stringContaining('spiffe://cluster.local/ns/flint/sa/flint-egress'),
          attributes: expect.objectContaining({
            'source.address': expect.stringMatching(/^127\.0\.0\.1:\d+$/),
            'xds.node.id': expect.stringMatching(/^router~/),
            'xds.node.metadata.NAMESPACE': 'flint',
            'xds.node.metadata.CLUSTER_ID': 'Kubernetes',
            'connection.uri_san_peer_certificate': `spiffe://cluster.local/ns/${namespace}/sa/${APPS[namespace]}`,
          }),
        }),
      ])
      const seen = asked.at(-1)?.headers
      expect(seen?.get(':authority')).toBe('api.openai.com')
      expect(seen?.has('x-forwarded-client-cert')).toBe(false)
      await eventually(() => {
        expect(observed).toEqual(
          expect.arrayContaining([
            'request_headers',
            'request_body',
            'response_headers',
            'response_body',
          ]),
        )
        expect(mesh.processor.closings.length).toBeGreaterThan(0)
      })
    },
  )

  test('gives the provider the caller’s headers and key, the observer none of its secrets', async () => {
    await call(SIDECARS['team-a'], { headers: { 'x-of-the-caller': 'yes' } })
    const received = mesh.provider.received.at(-1)
    const headers = received?.headers ?? {}
    expect(received?.serverName).toBe('api.openai.com')
    expect(Object.keys(headers).sort()).toEqual([
      ...['authorization', 'content-length', 'content-type', 'host', 'x-of-the-caller'],
    ])
    expect(headers['authorization']).toBe('Bearer sk-of-the-app')
    expect(headers['host']).toBe('api.openai.com')
    await eventually(() => expect(mesh.processor.observedHeaders).toContain(':path'))
    for (const name of ['authorization', 'x-api-key', 'cookie', 'x-of-the-caller'])
      expect(mesh.processor.observedHeaders).not.toContain(name)
  })

  test('lets a stream pass event by event', async () => {
    const { observed } = mesh.processor
    const from = observed.length
    let events = 0
    const answer = call(SIDECARS['team-b'], {
      body: { stream: true },
      onData: (text) => {
        events += text.split('data: {').length - 1
      },
    })
    const { received } = mesh.provider
    const calls = received.length
    await eventually(() => expect(received.length).toBe(calls + 1))
    for (let event = 1; event <= LAST_EVENT; event += 1) {
      mesh.provider.nextEvent()
      // The next one is sent only when the app has this one.
      await eventually(() => expect(events).toBe(event))
    }
    expect((await answer).status).toBe(200)
    await eventually(() =>
      expect(
        observed.slice(from).filter((kind) => kind === 'response_body').length,
      ).toBeGreaterThan(LAST_EVENT - 1),
    )
  })

  test('leaves no query in a log of a proxy, and with it no key that stands in one', async () => {
    const { flint: gateway, 'team-a': sidecar } = mesh.proxies
    const path = '/v1/models-of-this-test?key=AIzaOfTheCaller'
    await call(SIDECARS['team-a'], { path })
    expect(mesh.provider.received.at(-1)?.path).toBe(path)
    await eventually(() => expect(gateway?.output()).toContain('/v1/models-of-this-test'))
    expect(gateway?.output()).not.toContain('AIzaOfTheCaller')
    // The mesh's own log goes on: for a call that is not to a provider.
    await call(SIDECARS['team-a'], { path: '/other', headers: { host: 'other.example' } })
    await eventually(() => expect(sidecar?.output()).toContain('/other'))
    expect(sidecar?.output()).not.toContain('AIzaOfTheCaller')
    expect(JSON.stringify(mesh.processor.closings)).not.toContain('sk-of-the-app')
  })

  test('serves no namespace that the settings do not name', async () => {
    const calls = mesh.provider.received.length
    expect((await call(SIDECARS['team-c'])).status).toBe(403)
    expect(mesh.provider.received.length).toBe(calls)
  })

  test('counts what its filters do', async () => {
    const counted = await mesh.proxies['flint']?.counter('ext_proc.auth.streams_started')
    expect(counted).toBeGreaterThan(0)
  })

  test('lets calls pass while the observer is down, and none while the gate is', async () => {
    const { gate, observer } = mesh.processor
    await observer.stop()
    expect((await call(SIDECARS['team-a'])).status).toBe(200)
    await observer.start()
    await gate.stop()
    const calls = mesh.provider.received.length
    const { status, body, headers } = await call(SIDECARS['team-a'])
    expect([status, headers['content-type']]).toEqual([503, 'application/json'])
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'audit_unavailable' } })
    expect(mesh.provider.received.length).toBe(calls)
    await gate.start()
    await eventually(async () => expect((await call(SIDECARS['team-a'])).status).toBe(200))
  })

  test('withholds what the observer did not see once the profile is acked', async () => {
    mesh.change({ profile: 'acked' })
    await eventually(async () => {
      const filters = filtersDelivered(await mesh.proxies['flint']?.configDump())
      expect(filters.map(({ name }) => name)).toContain('flint.acked')
    }, 30_000)
    expect((await call(SIDECARS['team-a'])).status).toBe(200)
    await mesh.processor.observer.stop()
    const { status, body } = await call(SIDECARS['team-a'])
    expect([status, JSON.parse(body)]).toEqual([
      503,
      expect.objectContaining({ error: expect.objectContaining({ code: 'audit_unavailable' }) }),
    ])
    await mesh.processor.observer.start()
    mesh.change({})
    await eventually(async () => {
      const filters = filtersDelivered(await mesh.proxies['flint']?.configDump())
      expect(filters.map(({ name }) => name)).toContain('flint.observe')
    }, 30_000)
  })
})
