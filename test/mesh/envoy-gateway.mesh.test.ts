import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chainOnGatewayFile } from '../../envoy/mesh/istio/chain-on-gateway.ts'
import { freePort } from '../../src/store/embedded/free-port.ts'
import { eventually } from '../support/eventually.ts'
import { recordsByClaim } from '../support/records.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { until } from '../support/until.ts'
import { isInstalled } from './go-tools.ts'
import { type Certificate, makeAuthority } from './support/certificates.ts'
import { type Authorities, type EnvoyGateway, startEnvoyGateway } from './support/envoy-gateway.ts'
import { type FlintOfMesh, startFlintOfMesh } from './support/flint-of-mesh.ts'
import { type DumpedFilter, filtersDelivered, filtersRendered } from './support/http-filters.ts'
import { LAST_EVENT, startTlsProvider, type TlsProvider } from './support/provider.ts'
import { tlsCall } from './support/tls-app.ts'

/*
 * Envoy Gateway's real translation of the manifests, the real Envoy with it, a provider that speaks
 * TLS, and a whole Flint behind its mTLS ports.
 */

const APP_KEY = 'sk-proj-of-an-app-0123456789abcdefWXYZ'
const APPS = { 'team-a': 'chatbot', 'team-b': 'search', 'team-c': 'guest' } as const
type Team = keyof typeof APPS

describe.skipIf(!isInstalled('egctl'))('a gateway that Envoy Gateway configures', () => {
  const directory = temporaryDirectory()
  let authorities: Authorities
  let apps: Readonly<Record<Team, Certificate>>
  let provider: TlsProvider
  let flint: FlintOfMesh
  let gateway: EnvoyGateway
  const gateways: EnvoyGateway[] = []

  const start = async (name: string, mesh: object, without: readonly string[] = []) => {
    const addresses = { gate: named(flint.gate.endpoint), observer: named(flint.observer.endpoint) }
    const started = await startEnvoyGateway(path.join(directory, name), authorities, {
      providerPort: provider.port,
      mesh: { ...addresses, ...mesh },
      isApplied: ({ kind }) => !without.includes(kind),
    })
    gateways.push(started)
    return started
  }

  type Call = Parameters<typeof tlsCall>[3]
  const callTo = (to: EnvoyGateway, certificate: Certificate | null, call: Call = {}) =>
    tlsCall(to.port, authorities.providers.certFile, certificate, {
      ...call,
      headers: { authorization: `Bearer ${APP_KEY}`, ...call.headers },
      body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...call.body },
    })
  const ask = (team: Team, claim: string, call: Call = {}) =>
    callTo(gateway, apps[team], {
      ...call,
      headers: { 'x-flint-request-id': claim, ...call.headers },
    })

  beforeAll(async () => {
    authorities = {
      workloads: makeAuthority(path.join(directory, 'workloads')),
      processors: makeAuthority(path.join(directory, 'processors')),
      providers: makeAuthority(path.join(directory, 'providers')),
    }
    const certificateOf = (team: Team) =>
      authorities.workloads.issue(team, `URI:spiffe://cluster.local/ns/${team}/sa/${APPS[team]}`)
    apps = {
      'team-a': certificateOf('team-a'),
      'team-b': certificateOf('team-b'),
      'team-c': certificateOf('team-c'),
    }
    provider = await startTlsProvider(authorities.providers.issue('provider', 'DNS:api.openai.com'))
    flint = await startFlintOfMesh(path.join(directory, 'flint-of-mesh'), {
      gateways: ['spiffe://cluster.local/ns/flint/sa/flint-egress'],
    })(
      authorities.processors,
      authorities.processors.issue('flint', 'URI:spiffe://cluster.local/ns/flint/sa/flint'),
    )
    gateway = await start('gateway', {})
    await until('the assignment', 20_000, async () => (await ask('team-a', 'early')).status === 200)
  }, 240_000)
  afterAll(async () => {
    for (const started of gateways) await started.stop()
    await flint?.gate.stop()
    await provider?.close()
  })

  test('has every object accepted, and the filters of Flint’s own Envoy in their order', async () => {
    expect(gateway.complaints).toEqual([])
    const delivered = filtersDelivered(await gateway.configDump())
    const rendered = await filtersRendered(
      { manifests: chainOnGatewayFile(gateway.config).manifests, envoy: gateway.envoy },
      temporaryDirectory(),
    )
    expect(delivered.map(({ name }) => name.replace(/^.*\/flint-egress\//, ''))).toEqual([
      ...['extproc/0', 'flint.guard', 'extproc/1', 'envoy.filters.http.router'],
    ])
    expect(delivered.map(withoutNames)).toEqual(rendered.map(withoutNames))
    expect(delivered[2]?.typed_config).toMatchObject({ observability_mode: true })
  })

  test('ends, repeats and redirects no call by itself', async () => {
    const [manager = {}] = managersDelivered(await gateway.configDump())
    const routes = routesBelow(manager['route_config'])
    expect(routes.length).toBe(1)
    expect(routes[0]).toMatchObject({
      ...{ timeout: '0s', max_stream_duration: { max_stream_duration: '7200s' } },
      retry_policy: { num_retries: 0 },
    })
    expect(manager).toMatchObject({
      path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
      ...{ generate_request_id: false, preserve_external_request_id: true },
      common_http_protocol_options: { max_stream_duration: '7200s', max_headers_count: 1000 },
    })
    expect(manager).not.toHaveProperty('merge_slashes')
    expect(JSON.stringify(manager)).not.toMatch(/custom_response|UNESCAPE/)
  })

  test('leaves one whole record of each call, of the workload whose certificate it checked', async () => {
    const claims = { 'team-a': 'of-team-a', 'team-b': 'of-team-b' } as const
    for (const team of ['team-a', 'team-b'] as const)
      expect((await ask(team, claims[team])).status).toBe(200)
    const records = await recordsByClaim(flint.flint, Object.values(claims))
    for (const team of ['team-a', 'team-b'] as const)
      expect(records.get(claims[team])).toMatchObject({
        ...{ source: 'mesh', outcome: 'complete', status: 200, provider: 'openai' },
        ...{ endpoint: '/v1/chat/completions', totalTokens: 15, usageSource: 'provider' },
        ...{ keyId: null, keyHint: '...WXYZ', identityBasis: 'peer_certificate' },
        ...{ namespace: team, serviceAccount: APPS[team] },
        workload: `spiffe://cluster.local/ns/${team}/sa/${APPS[team]}`,
      })
    // The gateway's own word on the call, by its access log service, beside gate and observer.
    const id = records.get('of-team-a')?.requestId
    await eventually(async () => {
      const rows = await flint.flint.sql<{ kind: string }>(
        `SELECT kind FROM evidence WHERE record_id = '${id}'`,
      )
      expect(rows.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['intent', 'observation', 'closing']),
      )
    })
  })

  test('lets no one in who cannot prove to be of its namespaces', async () => {
    const calls = provider.received.length
    const stranger = makeAuthority(path.join(directory, 'strangers')).issue(
      'stranger',
      'URI:spiffe://cluster.local/ns/team-a/sa/chatbot',
    )
    for (const certificate of [null, stranger, apps['team-c']])
      await expect(callTo(gateway, certificate)).rejects.toThrow()
    expect(provider.received.length).toBe(calls)
  })

  test('gives the provider the caller’s headers and key, and its path as it was', async () => {
    const at = '/v1/files/a%2Fb//c'
    await ask('team-a', 'headers', {
      path: at,
      headers: {
        ...{ 'x-of-the-caller': 'yes', with_underscores: 'yes', 'x-forwarded-for': '1.2.3.4' },
        'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/team-b/sa/search',
      },
    })
    const received = provider.received.at(-1)
    expect(received?.path).toBe(at)
    expect(received?.serverName).toBe('api.openai.com')
    expect(Object.keys(received?.headers ?? {}).sort()).toEqual([
      ...['authorization', 'content-length', 'content-type', 'host', 'with_underscores'],
      'x-of-the-caller',
    ])
    expect(received?.headers['authorization']).toBe(`Bearer ${APP_KEY}`)
    const records = await recordsByClaim(flint.flint, ['headers'])
    expect(records.get('headers')).toMatchObject({ namespace: 'team-a' })
  })

  test('lets a stream pass event by event', async () => {
    let events = 0
    const calls = provider.received.length
    const answer = ask('team-b', 'stream', {
      body: { stream: true },
      onData: (text) => {
        events += text.split('data: {').length - 1
      },
    })
    await eventually(() => expect(provider.received.length).toBe(calls + 1))
    for (let event = 1; event <= LAST_EVENT; event += 1) {
      provider.nextEvent()
      // The next one is sent only when the app has this one.
      await eventually(() => expect(events).toBe(event))
    }
    expect((await answer).status).toBe(200)
    const records = await recordsByClaim(flint.flint, ['stream'])
    expect(records.get('stream')).toMatchObject({ outcome: 'complete', stream: true })
  })

  test('leaves the app’s key, and one in a query, in no log and no table', async () => {
    const at = '/v1/models-of-this-test?key=AIzaOfTheCaller0123456789'
    await ask('team-a', 'key-in-query', { path: at })
    expect(provider.received.at(-1)?.path).toBe(at)
    await eventually(() => expect(gateway.output()).toContain('/v1/models-of-this-test'))
    await recordsByClaim(flint.flint, ['key-in-query'])
    const rows = JSON.stringify(await flint.flint.sql<object>('SELECT * FROM evidence'))
    expect(rows.length).toBeGreaterThan(1000)
    for (const secret of [APP_KEY, 'AIzaOfTheCaller0123456789']) {
      expect(gateway.output()).not.toContain(secret)
      expect(rows).not.toContain(secret)
    }
  })

  test('writes the log that can be a witness against Flint', async () => {
    await ask('team-a', 'logged')
    const records = await recordsByClaim(flint.flint, ['logged'])
    const id = records.get('logged')?.requestId ?? 'no record'
    await eventually(() => expect(gateway.output()).toContain(id))
    const found = gateway
      .output()
      .split('\n')
      .find((one) => one.includes(id))
    expect(JSON.parse(found ?? '{}')).toMatchObject({
      ...{ record_id: id, provider: 'openai', status: 200, method: 'POST' },
      path: '/v1/chat/completions',
    })
  })

  test('counts what its filters do', async () => {
    for (const name of ['ext_proc.auth.streams_started', 'ext_proc.observe.streams_started'])
      expect(await gateway.counter(name)).toBeGreaterThan(0)
  })

  test('lets nothing out where EnvoyPatchPolicy is switched off', async () => {
    const unpatched = await start('unpatched', {}, ['EnvoyPatchPolicy'])
    const calls = provider.received.length
    expect((await callTo(unpatched, apps['team-a'])).status).toBeGreaterThanOrEqual(400)
    expect(provider.received.length).toBe(calls)
  })

  test('takes calls without a certificate where the settings say so, by their address', async () => {
    const open = await start('optional', { clientCertificates: 'optional' })
    const headers = { 'x-flint-request-id': 'anyone' }
    expect((await callTo(open, null, { headers })).status).toBe(200)
    const named = { 'x-flint-request-id': 'someone' }
    expect((await callTo(open, apps['team-b'], { headers: named })).status).toBe(200)
    const records = await recordsByClaim(flint.flint, ['anyone', 'someone'])
    expect(records.get('anyone')).toMatchObject({ identityBasis: 'source_address' })
    expect(records.get('someone')).toMatchObject({ identityBasis: 'peer_certificate' })
  })

  test('speaks plain HTTP where the settings say so', async () => {
    const plain = await start('plain', { clientCertificates: 'none' })
    // Of no provider's name: there is no route for it, and nothing is forwarded without a record.
    const other = await fetch(`http://127.0.0.1:${plain.port}/v1/models`)
    expect(other.status).toBe(403)
    const headers = { 'x-flint-request-id': 'in-plain' }
    const { status } = await tlsCall(plain.port, null, null, { headers })
    expect(status).toBe(200)
    const records = await recordsByClaim(flint.flint, ['in-plain'])
    expect(records.get('in-plain')).toMatchObject({
      ...{ source: 'mesh', identityBasis: 'source_address' },
      workload: expect.stringContaining('127.0.0.1'),
    })
  })

  test('lets no byte pass unseen once the profile is acked', async () => {
    const caFile = authorities.providers.certFile
    const acked = await start('acked', { profile: 'acked', caFile })
    const headers = { 'x-flint-request-id': 'acked' }
    expect((await callTo(acked, apps['team-a'], { headers })).status).toBe(200)
    const records = await recordsByClaim(flint.flint, ['acked'])
    expect(records.get('acked')).toMatchObject({ outcome: 'complete', totalTokens: 15 })
    const observer = named(`127.0.0.1:${await freePort()}`)
    const blind = await start('blind', { profile: 'acked', observer, caFile })
    const { status, body } = await callTo(blind, apps['team-a'])
    expect([status, JSON.parse(body)]).toEqual([503, UNAVAILABLE])
  })

  test('lets calls pass without its observer, and none without its gate', async () => {
    const observer = named(`127.0.0.1:${await freePort()}`)
    const unobserved = await start('unobserved', { observer })
    expect((await callTo(unobserved, apps['team-a'])).status).toBe(200)
    const gate = named(`127.0.0.1:${await freePort()}`)
    const ungated = await start('ungated', { gate })
    const calls = provider.received.length
    const { status, body, headers } = await callTo(ungated, apps['team-a'])
    expect([status, headers['content-type']]).toEqual([503, 'application/json'])
    expect(JSON.parse(body)).toEqual(UNAVAILABLE)
    expect(provider.received.length).toBe(calls)
  })

  test('says in JSON that a provider cannot be reached', async () => {
    await provider.close()
    const { status, body } = await ask('team-a', 'unreachable')
    expect([status, JSON.parse(body)]).toEqual([
      502,
      { error: expect.objectContaining({ code: 'upstream_error' }) },
    ])
  })
})

/** Names are looked up on this machine. */
const named = (endpoint: string) => endpoint.replace('127.0.0.1', 'flint.flint.svc.cluster.local')

const UNAVAILABLE = { error: expect.objectContaining({ code: 'audit_unavailable' }) }

interface Json {
  readonly [field: string]: unknown
}

function objectsBelow(node: unknown): Json[] {
  if (typeof node !== 'object' || node === null) return []
  const own = Array.isArray(node) ? [] : [node as Json]
  return [...own, ...Object.values(node).flatMap(objectsBelow)]
}

function managersDelivered(dump: unknown): Json[] {
  const { configs } = dump as { readonly configs: readonly Json[] }
  const listeners = configs.find((one) => String(one['@type']).endsWith('ListenersConfigDump'))
  return objectsBelow(listeners).filter((one) => 'http_filters' in one)
}

const routesBelow = (node: unknown): Json[] =>
  objectsBelow(node).flatMap((one) => ('route' in one ? [one['route'] as Json] : []))

/** The names that Envoy Gateway gives, and that filters are switched on route by route. */
function withoutNames({ typed_config }: DumpedFilter): unknown {
  const text = JSON.stringify(typed_config, (key, value) =>
    key === 'cluster_name' || key === 'authority' ? undefined : (value as unknown),
  )
  return JSON.parse(text) as unknown
}
