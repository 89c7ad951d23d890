import type { Certificate } from '../../support/authority.ts'
import type { XdsConfig } from './egctl.ts'

/** What there is on this machine in place of a cluster. */
export interface Surroundings {
  readonly adminPort: number
  /** Where the listener of the gateway is. */
  readonly port: number
  /** What Envoy Gateway would hand out, by its own names for them. */
  readonly authorities: Readonly<Record<string, string>>
  readonly certificates: Readonly<Record<string, Certificate>>
}

interface Json {
  [field: string]: unknown
}

/**
 * What Envoy Gateway gives a proxy, as the bootstrap of an Envoy without it: routes in their
 * listener, endpoints in their cluster, secrets in files, and no name but this machine. All else stays as it was delivered.
 */
export function staticBootstrap(
  configs: readonly XdsConfig[],
  { adminPort, port, authorities, certificates }: Surroundings,
): unknown {
  const entries = (type: string, section: string): Json[] => {
    const found = configs.find((config) => config['@type'].endsWith(type))
    return structuredClone((found?.[section] ?? []) as Json[])
  }
  const routes = entries('RoutesConfigDump', 'dynamicRouteConfigs').map(
    ({ routeConfig }) => routeConfig as Json,
  )
  const listeners = entries('ListenersConfigDump', 'dynamicListeners')
    .map(({ activeState }) => (activeState as { listener: Json }).listener)
    // For Kubernetes alone: says that the proxy is ready.
    .filter(({ name }) => !String(name).startsWith('envoy-gateway-proxy-ready'))
  for (const listener of listeners) {
    listener['address'] = loopback(port)
    eachObject(listener, (object) => withRoutes(object, routes))
  }
  const clusters = entries('ClustersConfigDump', 'dynamicActiveClusters').map(
    ({ cluster }) => cluster as Json,
  )
  const endpoints = entries('EndpointsConfigDump', 'dynamicEndpointConfigs').map(
    ({ endpointConfig }) => endpointConfig as Json,
  )
  for (const cluster of clusters) withEndpoints(cluster, endpoints)
  for (const one of [...listeners, ...clusters]) {
    delete one['@type']
    // A secret without a source is one of the bootstrap's own.
    eachObject(one, (object) => delete object['sdsConfig'])
  }
  for (const cluster of clusters)
    eachObject(cluster, (object) => {
      const socket = object['socketAddress'] as Json | undefined
      if (socket !== undefined) socket['address'] = '127.0.0.1'
    })
  const secrets = [
    ...Object.entries(authorities).map(([name, filename]) => ({
      name,
      validationContext: { trustedCa: { filename } },
    })),
    ...Object.entries(certificates).map(([name, { certFile, keyFile }]) => ({
      name,
      tlsCertificate: {
        certificateChain: { filename: certFile },
        privateKey: { filename: keyFile },
      },
    })),
  ]
  return {
    node: { id: 'flint-egress', cluster: 'flint-egress' },
    admin: { address: loopback(adminPort) },
    staticResources: { listeners, clusters, secrets },
  }
}

function loopback(portValue: number) {
  return { socketAddress: { address: '127.0.0.1', portValue } }
}

function withRoutes(manager: Json, routes: readonly Json[]): void {
  const rds = manager['rds'] as { readonly routeConfigName: string } | undefined
  if (rds === undefined) return
  const found = routes.find(({ name }) => name === rds.routeConfigName)
  if (found === undefined) throw new Error(`no routes ${rds.routeConfigName}`)
  delete manager['rds']
  const { '@type': _type, ...routeConfig } = found
  manager['routeConfig'] = routeConfig
}

/** Addresses, which are delivered by themselves where names are part of the cluster. */
function withEndpoints(cluster: Json, endpoints: readonly Json[]): void {
  if (cluster['type'] !== 'EDS') return
  const found = endpoints.find(({ clusterName }) => clusterName === cluster['name'])
  if (found === undefined) throw new Error(`no endpoints of ${cluster['name']}`)
  delete cluster['edsClusterConfig']
  const { '@type': _type, ...loadAssignment } = found
  Object.assign(cluster, { type: 'STATIC', loadAssignment })
}

function eachObject(node: unknown, change: (object: Json) => void): void {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) change(node as Json)
  for (const member of Object.values(node)) eachObject(member, change)
}
