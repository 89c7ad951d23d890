import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chainOnGatewayFile } from '../../envoy/mesh/istio/chain-on-gateway.ts'
import { checkProxy } from '../../src/doctor/check-proxy.ts'
import { makeAuthority } from '../support/authority.ts'
import { eventually } from '../support/eventually.ts'
import { recordsByClaim } from '../support/records.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { isInstalled } from './go-tools.ts'
import type { EnvoyGateway } from './support/envoy-gateway.ts'
import {
  APP_KEY,
  APPS,
  type EnvoyGatewayMesh,
  startEnvoyGatewayMesh,
  type Team,
} from './support/envoy-gateway-mesh.ts'
import { filtersDelivered, filtersRendered } from './support/http-filters.ts'
import { managersDelivered, routesBelow, withoutNames } from './support/names-of-envoy-gateway.ts'
import { LAST_EVENT } from './support/provider.ts'
import type { TlsCall } from './support/tls-app.ts'

/*
 * Envoy Gateway's real translation of the manifests, the real Envoy with it, a provider that speaks
 * TLS, and a whole Flint behind its mTLS ports.
 */

describe.skipIf(!isInstalled('egctl'))('a gateway that Envoy Gateway configures', () => {
  let mesh: EnvoyGatewayMesh
  let gateway: EnvoyGateway
  beforeAll(async () => {
    mesh = await startEnvoyGatewayMesh(temporaryDirectory())
    gateway = await mesh.start('gateway', {})
  }, 240_000)
  afterAll(() => mesh?.stop())

  const ask = (team: Team, claim: string, call: TlsCall = {}) =>
    mesh.call(gateway, mesh.apps[team], {
      ...call,
      headers: { 'x-flint-request-id': claim, ...call.headers },
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

  test('has nothing that `npx flint doctor` would complain of', async () => {
    const configDump = await gateway.configDump()
    const findings = checkProxy({ serverInfo: null, configDump }, '1.40.0')
    expect(findings.filter(({ verdict }) => verdict === 'ok').map(({ check }) => check)).toEqual([
      ...['envoy.order', 'envoy.gate', 'envoy.observability_mode', 'envoy.allowed_headers'],
      ...['envoy.retries', 'envoy.closing'],
    ])
  })

  test('ends, repeats and redirects no call by itself', async () => {
    const [manager = {}] = managersDelivered(await gateway.configDump())
    const routes = routesBelow(manager['route_config'])
    expect(routes.length).toBe(2)
    for (const route of routes)
      expect(route).toMatchObject({
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
    const records = await recordsByClaim(mesh.flint.flint, Object.values(claims))
    for (const team of ['team-a', 'team-b'] as const)
      expect(records.get(claims[team])).toMatchObject({
        ...{ source: 'mesh', outcome: 'complete', status: 200, provider: 'openai' },
        ...{ endpoint: '/v1/chat/completions', totalTokens: 15, usageSource: 'provider' },
        ...{ keyId: null, keyHint: '...WXYZ', identityBasis: 'peer_certificate' },
        ...{ namespace: team, serviceAccount: APPS[team] },
        workload: `spiffe://cluster.local/ns/${team}/sa/${APPS[team]}`,
      })
    // The gateway says by its access log service how the call ended.
    const id = records.get('of-team-a')?.requestId
    await eventually(async () => {
      const rows = await mesh.flint.flint.sql<{ kind: string }>(
        `SELECT kind FROM evidence WHERE record_id = '${id}'`,
      )
      expect(rows.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['intent', 'observation', 'closing']),
      )
    })
  })

  test('lets no one in who cannot prove to be of its namespaces', async () => {
    const calls = mesh.provider.received.length
    const stranger = makeAuthority(path.join(temporaryDirectory(), 'strangers')).issue(
      'stranger',
      'URI:spiffe://cluster.local/ns/team-a/sa/chatbot',
    )
    for (const certificate of [null, stranger, mesh.apps['team-c']])
      await expect(mesh.call(gateway, certificate)).rejects.toThrow()
    expect(mesh.provider.received.length).toBe(calls)
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
    const received = mesh.provider.received.at(-1)
    expect(received?.path).toBe(at)
    expect(received?.serverName).toBe('api.openai.com')
    expect(Object.keys(received?.headers ?? {}).sort()).toEqual([
      ...['authorization', 'content-length', 'content-type', 'host', 'with_underscores'],
      'x-of-the-caller',
    ])
    expect(received?.headers['authorization']).toBe(`Bearer ${APP_KEY}`)
    const records = await recordsByClaim(mesh.flint.flint, ['headers'])
    expect(records.get('headers')).toMatchObject({ namespace: 'team-a' })
  })

  test('lets a stream pass event by event', async () => {
    let events = 0
    const calls = mesh.provider.received.length
    const answer = ask('team-b', 'stream', {
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
    const records = await recordsByClaim(mesh.flint.flint, ['stream'])
    expect(records.get('stream')).toMatchObject({ outcome: 'complete', stream: true })
  })

  test('leaves the app’s key, and one in a query, in no log and no table', async () => {
    const at = '/v1/models-of-this-test?key=AIzaOfTheCaller0123456789'
    await ask('team-a', 'key-in-query', { path: at })
    expect(mesh.provider.received.at(-1)?.path).toBe(at)
    await eventually(() => expect(gateway.output()).toContain('/v1/models-of-this-test'))
    await recordsByClaim(mesh.flint.flint, ['key-in-query'])
    const rows = JSON.stringify(await mesh.flint.flint.sql<object>('SELECT * FROM evidence'))
    expect(rows.length).toBeGreaterThan(1000)
    for (const secret of [APP_KEY, 'AIzaOfTheCaller0123456789']) {
      expect(gateway.output()).not.toContain(secret)
      expect(rows).not.toContain(secret)
    }
  })

  test('writes a log that names the record of each call, and agrees with it', async () => {
    await ask('team-b', 'compared')
    const records = await recordsByClaim(mesh.flint.flint, ['compared'])
    const id = records.get('compared')?.requestId ?? 'no record'
    await eventually(() => expect(gateway.output()).toContain(id))
    const lines = gateway
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(JSON.parse(lines.find((line) => line.includes(id)) ?? '{}')).toMatchObject({
      ...{ record_id: id, provider: 'openai', status: 200, path: '/v1/chat/completions' },
    })
    const file = path.join(temporaryDirectory(), 'stdout.ndjson')
    fs.writeFileSync(file, lines.join('\n'))
    const said = await mesh.flint.flint.cli('reconcile', '--dry-run', '--json', file)
    expect(JSON.parse(said)).toMatchObject({
      ...{ lines: lines.length, matched: lines.length, withoutRecord: 0, unreadableLines: 0 },
      ...{ onlyInLog: 0, onlyInFlint: 0, differing: 0, forged: 0 },
    })
  })

  test('counts what its filters do', async () => {
    for (const name of ['ext_proc.auth.streams_started', 'ext_proc.observe.streams_started'])
      expect(await gateway.counter(name)).toBeGreaterThan(0)
  })

  test('says in JSON that a provider cannot be reached', async () => {
    await mesh.provider.close()
    const { status, body } = await ask('team-a', 'unreachable')
    expect([status, JSON.parse(body)]).toEqual([
      502,
      { error: expect.objectContaining({ code: 'upstream_error' }) },
    ])
  })
})
