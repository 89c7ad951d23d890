import fs from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, type Certificate, makeAuthority } from './support/authority.ts'
import { type EnvoyUnderTest, startEnvoy } from './support/envoy.ts'
import { cleanEnvironment, type FlintUnderTest, freePort, startFlint } from './support/flint.ts'
import { makeMeshProxy } from './support/mesh-envoy.ts'
import { meshSettings } from './support/mesh-settings.ts'
import { rawCall } from './support/raw-http.ts'
import { recordsByClaim } from './support/records.ts'
import {
  chatCompletion,
  type ScriptedProvider,
  startScriptedProvider,
} from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/*
 * The proxies of a mesh, each a real Envoy with a certificate of its own, and a Flint that they
 * reach on its ports: an egress gateway to which apps show their certificates, a sidecar, and an
 * Envoy beside Flint that knows its callers by nothing but its own metadata.
 */

const TRUST_DOMAIN = 'spiffe://cluster.local'
const CHECKOUT = `${TRUST_DOMAIN}/ns/shop/sa/checkout`
const NOTEBOOK = `${TRUST_DOMAIN}/ns/lab/sa/notebook`
const APP_KEY = 'sk-proj-of-an-app-0123456789abcdefWXYZ'

let provider: ScriptedProvider
let flint: FlintUnderTest
let gateway: EnvoyUnderTest
let sidecar: EnvoyUnderTest
let beside: EnvoyUnderTest
let mesh: Authority
let app: Certificate
let ports: { readonly gate: number; readonly observer: number }
/** Whose records the namespace shop's calls are. */
let shop: { readonly id: string; readonly key: string }

beforeAll(async () => {
  const root = temporaryDirectory()
  provider = await startScriptedProvider()
  provider.answer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(chatCompletion('hello'))
  })
  mesh = makeAuthority(path.join(root, 'mesh'))
  app = mesh.issue('app', `URI:${CHECKOUT}`)
  const processor = mesh.issue('flint', 'DNS:flint.flint.svc')
  const egress = mesh.issue('egress', `URI:${TRUST_DOMAIN}/ns/istio-system/sa/egress,IP:127.0.0.1`)
  const notebook = mesh.issue('notebook', `URI:${NOTEBOOK}`)
  const reachable = await meshSettings(mesh, processor, {
    gateways: [`${TRUST_DOMAIN}/ns/istio-system/sa/egress`],
    sidecars: [`${TRUST_DOMAIN}/ns/lab/*`],
  })
  ports = reachable.ports
  const env = {
    FLINT_PROVIDERS_OPENAI_UPSTREAM: provider.url,
    ...reachable.env,
  }
  fs.mkdirSync(path.join(root, 'data'))
  flint = await startFlint({ env, dataDir: path.join(root, 'data') })
  const made = JSON.parse(await flint.cli('orgs', 'create', '--name', 'Shop', '--json')) as {
    organisation: { id: string }
    key: { key: string }
  }
  shop = { id: made.organisation.id, key: made.key.key }
  const first = (await flint.cli('orgs', 'list', '--json')) as string
  const [{ id: firstOrg } = { id: '' }] = JSON.parse(first) as Array<{ id: string }>
  await flint.cli('mesh', 'assign', '--org', firstOrg)
  await flint.cli('mesh', 'assign', '--org', shop.id, '--namespace', 'shop')
  const settings = { ...cleanEnvironment(), ...env, FLINT_DATA_DIR: flint.dataDir }
  const hosts = ['api.openai.com', 'api.openai.com:*', 'eu.api.openai.com', 'example.com']
  gateway = await startEnvoy(settings, await freePort(), path.join(root, 'gateway'), (bootstrap) =>
    makeMeshProxy(bootstrap, {
      ...{ ca: mesh.certFile, own: egress, ports, hosts, callersShowCertificates: true },
    }),
  )
  sidecar = await startEnvoy(settings, await freePort(), path.join(root, 'sidecar'), (bootstrap) =>
    makeMeshProxy(bootstrap, { ca: mesh.certFile, own: notebook, ports, hosts }),
  )
  beside = await startEnvoy(settings, await freePort(), path.join(root, 'beside'), (bootstrap) =>
    makeMeshProxy(bootstrap, {
      ...{ ca: mesh.certFile, hosts },
      node: {
        ...{ id: 'sidecar~10.0.0.7~batch-1.jobs~jobs.svc.cluster.local', cluster: 'batch' },
        metadata: { NAMESPACE: 'jobs', WORKLOAD_NAME: 'batch', SERVICE_ACCOUNT: 'runner' },
      },
    }),
  )
}, 180_000)
afterAll(async () => {
  await Promise.all([gateway, sidecar, beside].map((envoy) => envoy?.stop()))
  await flint?.stop()
  await provider?.close()
})

interface Said {
  readonly claim: string
  readonly headers?: Readonly<Record<string, string>>
  readonly target?: string
}

const headersOf = ({ claim, headers = {} }: Said) => ({
  host: 'api.openai.com',
  authorization: `Bearer ${APP_KEY}`,
  'content-type': 'application/json',
  'x-flint-request-id': claim,
  ...headers,
})
const BODY = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] })

/** A call of the app, which shows its certificate. */
function throughGateway({ target = '/v1/chat/completions', ...said }: Said): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      `${gateway.baseUrl.replace('http:', 'https:')}${target}`,
      {
        ...{ method: 'POST', headers: headersOf(said), agent: false },
        ...{ cert: fs.readFileSync(app.certFile), key: fs.readFileSync(app.keyFile) },
        ...{ ca: fs.readFileSync(mesh.certFile), servername: '' },
      },
      (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
    )
    request.on('error', reject)
    request.end(BODY)
  })
}

const plainly = async (envoy: EnvoyUnderTest, said: Said) =>
  (
    await rawCall(`${envoy.baseUrl}${said.target ?? '/v1/chat/completions'}`, {
      headers: headersOf(said),
      body: BODY,
    })
  ).status

async function recordOf(claim: string, key?: string) {
  const asked = key === undefined ? flint : { ...flint, records: () => listed(key) }
  return (await recordsByClaim(asked, [claim])).get(claim)
}

async function listed(key: string) {
  const response = await fetch(`${flint.baseUrl}/v1/audit?limit=500`, {
    headers: { authorization: `Bearer ${key}` },
  })
  return ((await response.json()) as { records: Awaited<ReturnType<FlintUnderTest['records']>> })
    .records
}

const arrived = (claim: string) => provider.received.filter(({ url }) => url.includes(claim))

describe('a call of an app that knows nothing of Flint', () => {
  test('reaches the provider with nothing but the app’s own headers, and has one whole record', async () => {
    expect(await throughGateway({ claim: 'plain', target: '/v1/chat/completions?plain' })).toBe(200)
    const [seen] = arrived('plain')
    expect(seen?.headers).toEqual({
      host: 'api.openai.com',
      authorization: `Bearer ${APP_KEY}`,
      'content-type': 'application/json',
      'content-length': String(BODY.length),
    })
    expect(await recordOf('plain', shop.key)).toMatchObject({
      ...{ source: 'mesh', outcome: 'complete', provider: 'openai', status: 200 },
      ...{ endpoint: '/v1/chat/completions', model: 'gpt-4o-2024-08-06', totalTokens: 15 },
      ...{ keyId: null, keyHint: '...WXYZ', credential: 'api_key' },
      ...{ workload: CHECKOUT, namespace: 'shop', serviceAccount: 'checkout', cluster: 'eu-1' },
      identityBasis: 'peer_certificate',
    })
  })

  test('is found by its workload, in the API and in SQL', async () => {
    expect(await throughGateway({ claim: 'found' })).toBe(200)
    await recordOf('found', shop.key)
    for (const query of [
      `workload=${encodeURIComponent(`${TRUST_DOMAIN}/ns/shop/*`)}`,
      'namespace=shop&identityBasis=peer_certificate&source=mesh',
    ]) {
      const response = await fetch(`${flint.baseUrl}/v1/audit?${query}`, {
        headers: { authorization: `Bearer ${shop.key}` },
      })
      const { records } = (await response.json()) as { records: object[] }
      expect(records.length).toBeGreaterThanOrEqual(1)
    }
    const rows = await flint.sql<{ basis: string }>(
      `SELECT DISTINCT identity_basis AS basis FROM calls WHERE namespace = 'shop'`,
    )
    expect(rows).toEqual([{ basis: 'peer_certificate' }])
  })

  test('through its sidecar is known by the sidecar’s certificate', async () => {
    expect(await plainly(sidecar, { claim: 'sidecar' })).toBe(200)
    expect(await recordOf('sidecar')).toMatchObject({
      ...{ source: 'mesh', outcome: 'complete', totalTokens: 15 },
      ...{ workload: NOTEBOOK, namespace: 'lab', identityBasis: 'proxy_certificate' },
    })
  })

  test('of a proxy that only has metadata of itself is a claim, and belongs to the default', async () => {
    expect(await plainly(beside, { claim: 'node' })).toBe(200)
    expect(await recordOf('node')).toMatchObject({
      ...{ workload: 'batch', namespace: 'jobs', serviceAccount: 'runner', source: 'mesh' },
      identityBasis: 'node_metadata',
    })
  })

  test('to a host that no provider has is refused before it goes anywhere', async () => {
    const before = provider.received.length
    expect(await throughGateway({ claim: 'nowhere', headers: { host: 'example.com' } })).toBe(400)
    expect(provider.received.length).toBe(before)
  })

  test('may bring a Flint key, and is then that key’s', async () => {
    const headers = { 'x-flint-key': flint.key }
    expect(await throughGateway({ claim: 'keyed', headers, target: '/v1/models?keyed' })).toBe(200)
    expect(arrived('keyed')[0]?.headers).not.toHaveProperty('x-flint-key')
    expect(arrived('keyed')[0]?.headers.authorization).toBe(`Bearer ${APP_KEY}`)
    expect(await recordOf('keyed')).toMatchObject({
      ...{ source: 'mesh', workload: CHECKOUT, keyHint: '...WXYZ' },
      keyId: expect.stringMatching(/^key_/),
    })
  })
})

describe('no caller is another than it is', () => {
  const FORGED = `${TRUST_DOMAIN}/ns/payroll/sa/director`

  test.each<[string, Record<string, string>]>([
    ['x-forwarded-client-cert', { 'x-forwarded-client-cert': `By=${FORGED};URI=${FORGED}` }],
    ['headers of Flint', { 'x-flint-mode': 'mesh', 'x-flint-cluster': 'us', 'x-flint-org': 'o' }],
    ['an attribute', { 'connection.uri_san_peer_certificate': FORGED }],
  ])('by %s', async (name, headers) => {
    const claim = `forged-${name.length}`
    expect(await throughGateway({ claim, headers, target: `/v1/models?${claim}` })).toBe(200)
    const sent = arrived(claim)[0]?.headers ?? {}
    expect(Object.keys(sent).filter((header) => header.startsWith('x-f'))).toEqual([])
    expect(await recordOf(claim, shop.key)).toMatchObject({
      ...{ workload: CHECKOUT, cluster: 'eu-1', identityBasis: 'peer_certificate' },
    })
  })

  test('without a key on a route that is not of the mesh, whatever it sends', async () => {
    const target = '/v1/proxy/openai/v1/models'
    for (const headers of [{}, { 'x-flint-mode': 'mesh' }]) {
      const said = { claim: 'no-mode', target, headers: { host: 'flint', ...headers } }
      expect(await throughGateway(said)).toBe(401)
      expect(await plainly(sidecar, said)).toBe(401)
    }
  })

  test('with a Flint key that is wrong', async () => {
    const headers = { 'x-flint-key': 'flnt_live_wrongwrongwrongwrongwrongwrongwrongwrong9999' }
    expect(await throughGateway({ claim: 'wrong', headers })).toBe(401)
  })
})

describe('the ports for proxies', () => {
  interface Shown {
    readonly cert?: Buffer
    readonly key?: Buffer
  }
  /** How a stream of gRPC ends for one who shows this. */
  const reach = (port: number, shown: Shown, plain = false) =>
    new Promise<string>((resolve) => {
      const session = http2.connect(`${plain ? 'http' : 'https'}://127.0.0.1:${port}`, {
        ...{ ca: fs.readFileSync(mesh.certFile), checkServerIdentity: () => undefined, ...shown },
      })
      const end = (how: string) => {
        resolve(how)
        session.destroy()
      }
      session.on('error', () => end('refused'))
      session.on('close', () => end('refused'))
      const stream = session.request({
        ...{ ':method': 'POST', ':path': '/flint.Unknown/Method', te: 'trailers' },
        'content-type': 'application/grpc',
      })
      stream.on('response', (headers) => end(`grpc-status ${headers['grpc-status']}`))
      stream.on('error', () => end('refused'))
      stream.on('close', () => end('refused'))
      stream.end()
    })
  const shownBy = ({ certFile, keyFile }: Certificate): Shown => ({
    ...{ cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) },
  })

  test.each(['gate', 'observer'] as const)(
    'are closed to all but the proxies that are named: %s',
    async (role) => {
      const other = makeAuthority(path.join(temporaryDirectory(), 'other'))
      const allowed = `URI:${TRUST_DOMAIN}/ns/lab/sa/anyone`
      expect({
        'no certificate': await reach(ports[role], {}),
        'no TLS': await reach(ports[role], {}, true),
        'of another authority': await reach(ports[role], shownBy(other.issue('a', allowed))),
        'of a workload that is no proxy': await reach(ports[role], shownBy(app)),
        'with two names': await reach(
          ports[role],
          shownBy(mesh.issue('two', `${allowed},URI:${CHECKOUT}`)),
        ),
        'without a SPIFFE ID': await reach(
          ports[role],
          shownBy(mesh.issue('nameless', 'DNS:flint.flint.svc')),
        ),
        'of a proxy that is named': await reach(ports[role], shownBy(mesh.issue('p', allowed))),
      }).toEqual({
        'no certificate': 'refused',
        'no TLS': 'refused',
        'of another authority': 'refused',
        'of a workload that is no proxy': 'refused',
        'with two names': 'refused',
        'without a SPIFFE ID': 'refused',
        'of a proxy that is named': 'grpc-status 12',
      })
    },
  )
})

test('no key of an app is in any row, log or spool', async () => {
  expect(await plainly(sidecar, { claim: 'last' })).toBe(200)
  await recordOf('last')
  const found: string[] = []
  for (const name of fs.readdirSync(flint.dataDir, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(flint.dataDir, name)
    if (name.startsWith('clickhouse') || !fs.lstatSync(file).isFile()) continue
    if (fs.readFileSync(file).includes(APP_KEY)) found.push(name)
  }
  expect(found).toEqual([])
  for (const table of ['evidence', 'calls_settled'])
    expect(JSON.stringify(await flint.sql(`SELECT * FROM ${table}`))).not.toContain(APP_KEY)
})
