import fs from 'node:fs'
import https from 'node:https'
import type net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, makeAuthority } from './support/authority.ts'
import { type Bootstrap, type EnvoyUnderTest, startEnvoy } from './support/envoy.ts'
import { cleanEnvironment, type FlintUnderTest, freePort, startFlint } from './support/flint.ts'
import { makeMeshProxy } from './support/mesh-envoy.ts'
import { meshSettings } from './support/mesh-settings.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'

/*
 * Apps that speak TLS to a provider themselves, through a real sidecar that passes it on by the name
 * in the handshake and reports each connection to Flint.
 */

const NOTEBOOK = 'spiffe://cluster.local/ns/lab/sa/notebook'
const ANSWER = 'x'.repeat(20_000)

let flint: FlintUnderTest
let sidecar: EnvoyUnderTest
let provider: https.Server
let providers: Authority
let port: number

beforeAll(async () => {
  const root = temporaryDirectory()
  const mesh = makeAuthority(path.join(root, 'mesh'))
  providers = makeAuthority(path.join(root, 'providers'))
  const own = providers.issue('provider', 'DNS:api.openai.com,DNS:api.mistral.ai,DNS:example.com')
  provider = https.createServer(
    { cert: fs.readFileSync(own.certFile), key: fs.readFileSync(own.keyFile) },
    (_request, response) => response.end(ANSWER),
  )
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const processor = mesh.issue('flint', 'DNS:flint.flint.svc')
  const reachable = await meshSettings(mesh, processor, {
    sidecars: ['spiffe://cluster.local/ns/lab/*'],
  })
  const { ports } = reachable
  const env = {
    ...reachable.env,
    FLINT_MESH_MANIFESTS_HOSTS: JSON.stringify(['api.openai.com']),
  }
  fs.mkdirSync(path.join(root, 'data'))
  flint = await startFlint({ env, dataDir: path.join(root, 'data') })
  await flint.cli('mesh', 'assign')
  port = await freePort()
  const settings = { ...cleanEnvironment(), ...env, FLINT_DATA_DIR: flint.dataDir }
  const notebook = mesh.issue('notebook', `URI:${NOTEBOOK}`)
  sidecar = await startEnvoy(
    settings,
    await freePort(),
    path.join(root, 'sidecar'),
    (bootstrap) => {
      makeMeshProxy(bootstrap, { ca: mesh.certFile, own: notebook, ports, hosts: ['unused'] })
      passOn(bootstrap, port, (provider.address() as net.AddressInfo).port)
    },
  )
}, 120_000)
afterAll(async () => {
  await sidecar?.stop()
  await flint?.stop()
  provider?.close()
})

const at = (address: number) => ({
  socket_address: { address: '127.0.0.1', port_value: address },
})

/** A listener that reads no more than the name in the handshake (docs/mesh.md). */
function passOn(bootstrap: Bootstrap, listen: number, upstream: number): void {
  const type = (name: string) => `type.googleapis.com/envoy.extensions.${name}`
  const log = {
    '@type': type('access_loggers.grpc.v3.TcpGrpcAccessLogConfig'),
    common_config: {
      log_name: 'flint-connections',
      transport_api_version: 'V3',
      grpc_service: { envoy_grpc: { cluster_name: 'flint_observer' } },
      buffer_flush_interval: '0.2s',
    },
  }
  const { listeners, clusters } = bootstrap.static_resources
  Object.assign(bootstrap.static_resources, {
    listeners: [
      ...listeners,
      {
        ...{ name: 'tls', address: at(listen) },
        listener_filters: [
          {
            name: 'envoy.filters.listener.tls_inspector',
            typed_config: { '@type': type('filters.listener.tls_inspector.v3.TlsInspector') },
          },
        ],
        filter_chains: [
          {
            filters: [
              {
                name: 'envoy.filters.network.tcp_proxy',
                typed_config: {
                  '@type': type('filters.network.tcp_proxy.v3.TcpProxy'),
                  ...{ stat_prefix: 'tls', cluster: 'tls_provider' },
                  access_log: [{ name: 'flint.connections', typed_config: log }],
                },
              },
            ],
          },
        ],
      },
    ],
    clusters: [
      ...clusters,
      {
        ...{ name: 'tls_provider', type: 'STATIC' },
        load_assignment: {
          cluster_name: 'tls_provider',
          endpoints: [{ lb_endpoints: [{ endpoint: { address: at(upstream) } }] }],
        },
      },
    ],
  })
}

/** A call of an app over its own TLS; its connection ends with it. */
function call(servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: servername, authorization: 'Bearer sk-of-the-app' }
    const ca = fs.readFileSync(providers.certFile)
    https
      .get({ host: '127.0.0.1', port, servername, ca, agent: false, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        response.on('end', () => resolve(text))
      })
      .on('error', reject)
  })
}

interface Group {
  readonly name: string
  readonly captured: number
  readonly opaque: number
  readonly opaqueBytes: number
  readonly uncovered: number
  readonly share: number
}

async function coverage(groupBy = 'namespace') {
  const headers = { authorization: `Bearer ${flint.key}` }
  const answer = await fetch(`${flint.baseUrl}/v1/coverage?groupBy=${groupBy}`, { headers })
  return (await answer.json()) as { groups: Group[]; hosts: Array<{ host: string }> }
}

describe('a connection that nothing can read', () => {
  test('passes unchanged, is kept with its workload and bytes, and is no call', async () => {
    expect(await call('api.openai.com')).toBe(ANSWER)
    await until('the connection', 20_000, async () => (await coverage()).groups.length > 0)
    const { groups, hosts } = await coverage('workload')
    expect(groups).toMatchObject([
      { name: NOTEBOOK, captured: 0, opaque: 1, uncovered: 0, share: 0 },
    ])
    expect(groups[0]?.opaqueBytes).toBeGreaterThan(ANSWER.length)
    expect(hosts).toEqual([])
    expect(await flint.records()).toEqual([])
  })

  test('to a host that no policy covers is named, and one to a host of no provider is not kept', async () => {
    await call('example.com')
    await call('api.mistral.ai')
    await until('the host', 20_000, async () => (await coverage()).hosts.length > 0)
    const { groups, hosts } = await coverage()
    expect(hosts).toMatchObject([{ host: 'api.mistral.ai', connections: 1, workloads: 1 }])
    expect(groups).toMatchObject([{ name: 'lab', opaque: 1, uncovered: 1 }])
    const stored = await flint.sql(
      'SELECT DISTINCT host, identity_basis FROM connections ORDER BY host',
    )
    expect(stored).toEqual([
      { host: 'api.mistral.ai', identity_basis: 'proxy_certificate' },
      { host: 'api.openai.com', identity_basis: 'proxy_certificate' },
    ])
  })
})
