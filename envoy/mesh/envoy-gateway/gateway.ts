import type { Config } from '../../../src/config/schema.ts'
import type { Chain } from '../chain.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { accessLogSettings } from './access-log.ts'
import { CERTIFICATES, ENVOY_GATEWAY_API, GATEWAY, GATEWAY_API, listenerName } from './names.ts'

const CONTROLLER = 'gateway.envoyproxy.io/gatewayclass-controller'
/** Open calls are brought to their end before a pod goes. */
const DRAIN_SECONDS = 600

/** A gateway for nothing but calls to providers: the guard refuses whatever Flint has not seen. */
export function gatewayFile(config: Config, chain: Chain): ManifestFile {
  const { namespace } = config.mesh.manifests
  return {
    name: 'gateway.yaml',
    about:
      'A gateway for calls to providers alone, and how its proxies run and log: without queries, and with a last word on each call to the observer.',
    manifests: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: GATEWAY_API,
        kind: 'GatewayClass',
        metadata: { name: GATEWAY },
        spec: {
          controllerName: CONTROLLER,
          parametersRef: {
            group: 'gateway.envoyproxy.io',
            kind: 'EnvoyProxy',
            name: GATEWAY,
            namespace,
          },
        },
      },
      envoyProxy(config, chain),
      gateway(config),
    ],
  }
}

function envoyProxy({ mesh: { manifests: mesh } }: Config, chain: Chain): Manifest {
  return {
    apiVersion: ENVOY_GATEWAY_API,
    kind: 'EnvoyProxy',
    metadata: { name: GATEWAY, namespace: mesh.namespace },
    spec: {
      provider: {
        type: 'Kubernetes',
        kubernetes: {
          envoyDeployment: { replicas: 2 },
          envoyService: { name: GATEWAY, type: 'ClusterIP' },
          envoyPDB: { minAvailable: 1 },
        },
      },
      shutdown: { drainTimeout: `${DRAIN_SECONDS}s` },
      telemetry: { accessLog: { settings: accessLogSettings(chain) } },
    },
  }
}

function gateway(config: Config): Manifest {
  const { namespace, clientCertificates } = config.mesh.manifests
  const listener =
    clientCertificates === 'none'
      ? { port: 80, protocol: 'HTTP' }
      : {
          port: 443,
          protocol: 'HTTPS',
          tls: { mode: 'Terminate', certificateRefs: [{ name: CERTIFICATES.listener }] },
        }
  return {
    apiVersion: GATEWAY_API,
    kind: 'Gateway',
    metadata: { name: GATEWAY, namespace },
    spec: {
      gatewayClassName: GATEWAY,
      listeners: [
        {
          name: listenerName(config),
          ...listener,
          allowedRoutes: { namespaces: { from: 'Same' } },
        },
      ],
    },
  }
}
