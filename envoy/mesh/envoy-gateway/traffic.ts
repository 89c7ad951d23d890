import type { Config } from '../../../src/config/schema.ts'
import { readTemplate } from '../../template.ts'
import type { Cluster, Manager } from '../../tree.ts'
import type { Chain } from '../chain.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { clusterSettings } from './cluster-settings.ts'
import { CERTIFICATES, ENVOY_GATEWAY_API, GATEWAY, THE_GATEWAY } from './names.ts'

/** What Envoy Gateway would change in requests and connections by itself. */
export function trafficFile(config: Config, chain: Chain): ManifestFile {
  return {
    name: 'traffic.yaml',
    about:
      'Calls reach the provider as they were made, and are never made twice; and whose certificates the gateway believes.',
    manifests: [fromApps(config, chain), toProviders(config, chain)],
  }
}

interface OfManager extends Manager {
  readonly request_headers_timeout: string
  readonly stream_idle_timeout: string
  readonly common_http_protocol_options: {
    readonly idle_timeout: string
    readonly max_stream_duration: string
  }
}

function fromApps(config: Config, { manager }: Chain): Manifest {
  const { request_headers_timeout, stream_idle_timeout, common_http_protocol_options } =
    manager as OfManager
  const tls = clientTls(config)
  return {
    apiVersion: ENVOY_GATEWAY_API,
    kind: 'ClientTrafficPolicy',
    metadata: { name: GATEWAY, namespace: config.mesh.manifests.namespace },
    spec: {
      targetRefs: [THE_GATEWAY],
      ...(tls === null ? {} : { tls }),
      path: { escapedSlashesAction: 'KeepUnchanged', disableMergeSlashes: true },
      headers: {
        enableEnvoyHeaders: false,
        requestID: 'Preserve',
        withUnderscoresAction: 'Allow',
        xForwardedClientCert: { mode: 'Sanitize' },
      },
      http1: { enableTrailers: true },
      timeout: {
        http: {
          requestReceivedTimeout: '0s',
          requestHeadersReceivedTimeout: request_headers_timeout,
          idleTimeout: common_http_protocol_options.idle_timeout,
          streamIdleTimeout: stream_idle_timeout,
        },
      },
    },
  }
}

/**
 * Where each app must prove who it is, certificates of other namespaces do not come in. Where none
 * is needed, names would make one needed, and keep out no one who leaves it away.
 */
function clientTls({ mesh: { manifests: mesh } }: Config) {
  if (mesh.clientCertificates === 'none') return null
  const optional = mesh.clientCertificates === 'optional'
  const uris = mesh.namespaces.map((namespace) => ({
    type: 'Prefix',
    value: `spiffe://${mesh.trustDomain}/ns/${namespace}/`,
  }))
  return {
    clientValidation: {
      optional,
      caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: CERTIFICATES.workloads }],
      ...(optional ? {} : { subjectAltNames: { uris } }),
    },
  }
}

function toProviders(config: Config, { manager }: Chain): Manifest {
  const { cluster } = readTemplate('provider.yaml') as { readonly cluster: Cluster }
  const settings = clusterSettings(cluster)
  const { stream_idle_timeout, common_http_protocol_options } = manager as OfManager
  return {
    apiVersion: ENVOY_GATEWAY_API,
    kind: 'BackendTrafficPolicy',
    metadata: { name: GATEWAY, namespace: config.mesh.manifests.namespace },
    spec: {
      targetRefs: [THE_GATEWAY],
      ...settings,
      dns: { lookupFamily: 'IPv4AndIPv6' },
      timeout: {
        ...settings.timeout,
        http: {
          ...settings.timeout.http,
          requestTimeout: '0s',
          streamIdleTimeout: stream_idle_timeout,
          maxStreamDuration: common_http_protocol_options.max_stream_duration,
        },
      },
      // A retry would bill twice, and SDKs make their own.
      retry: { numRetries: 0 },
    },
  }
}
