import path from 'node:path'
import { freePort } from '../../../src/store/embedded/free-port.ts'
import { type Certificate, makeAuthority } from '../../support/authority.ts'
import { until } from '../../support/until.ts'
import { type Authorities, type EnvoyGateway, startEnvoyGateway } from './envoy-gateway.ts'
import { type FlintOfMesh, startFlintOfMesh } from './flint-of-mesh.ts'
import { startTlsProvider, type TlsProvider } from './provider.ts'
import { type TlsCall, tlsCall } from './tls-app.ts'

export const APP_KEY = 'sk-proj-of-an-app-0123456789abcdefWXYZ'
/** The settings name the first two namespaces. */
export const APPS = { 'team-a': 'chatbot', 'team-b': 'search', 'team-c': 'guest' } as const
export type Team = keyof typeof APPS

/** A whole Flint, a provider that speaks TLS, and gateways between apps and these. */
export interface EnvoyGatewayMesh {
  readonly authorities: Authorities
  readonly apps: Readonly<Record<Team, Certificate>>
  readonly provider: TlsProvider
  readonly flint: FlintOfMesh
  /** A gateway for these `mesh.manifests`, in a cluster without objects of the given kinds. */
  start(name: string, mesh: object, without?: readonly string[]): Promise<EnvoyGateway>
  call(
    gateway: { readonly port: number },
    certificate: Certificate | null,
    call?: TlsCall,
  ): ReturnType<typeof tlsCall>
  stop(): Promise<void>
}

export async function startEnvoyGatewayMesh(directory: string): Promise<EnvoyGatewayMesh> {
  const authorities = {
    workloads: makeAuthority(path.join(directory, 'workloads')),
    processors: makeAuthority(path.join(directory, 'processors')),
    providers: makeAuthority(path.join(directory, 'providers')),
  }
  const provider = await startTlsProvider(
    authorities.providers.issue('provider', 'DNS:api.openai.com'),
  )
  const flint = await startFlintOfMesh(path.join(directory, 'flint-of-mesh'), {
    gateways: ['spiffe://cluster.local/ns/flint/sa/flint-egress'],
  })(
    authorities.processors,
    authorities.processors.issue('flint', 'URI:spiffe://cluster.local/ns/flint/sa/flint'),
  )
  const gateways: EnvoyGateway[] = []
  const certificateOf = (team: Team) =>
    authorities.workloads.issue(team, `URI:spiffe://cluster.local/ns/${team}/sa/${APPS[team]}`)
  const mesh: EnvoyGatewayMesh = {
    ...{ authorities, provider, flint },
    apps: {
      'team-a': certificateOf('team-a'),
      'team-b': certificateOf('team-b'),
      'team-c': certificateOf('team-c'),
    },
    async start(name, settings, without = []) {
      const gateway = await startEnvoyGateway(path.join(directory, name), authorities, {
        providerPort: provider.port,
        mesh: {
          ...{ gate: named(flint.gate.endpoint), observer: named(flint.observer.endpoint) },
          ...settings,
        },
        isApplied: ({ kind }) => !without.includes(kind),
      })
      gateways.push(gateway)
      return gateway
    },
    call: (gateway, certificate, call = {}) =>
      tlsCall(gateway.port, authorities.providers.certFile, certificate, {
        ...call,
        headers: { authorization: `Bearer ${APP_KEY}`, ...call.headers },
        body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...call.body },
      }),
    async stop() {
      for (const gateway of gateways) await gateway.stop()
      await flint.stop()
      await provider.close()
    },
  }
  await untilAssigned(mesh)
  return mesh
}

/** Gates take over within seconds whose records a workload's calls are. */
async function untilAssigned(mesh: EnvoyGatewayMesh): Promise<void> {
  const gateway = await mesh.start('first', {})
  await until('the assignment', 20_000, async () => {
    const { status } = await mesh.call(gateway, mesh.apps['team-a'])
    return status === 200
  })
  await gateway.stop()
}

/** Names are looked up on this machine. */
const named = (endpoint: string) => endpoint.replace('127.0.0.1', 'flint.flint.svc.cluster.local')

/** Where no one listens. */
export const nowhere = async () => named(`127.0.0.1:${await freePort()}`)
