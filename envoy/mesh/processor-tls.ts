import type { Config } from '../../src/config/schema.ts'
import type { Cluster } from '../tree.ts'

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'

/** The SPIFFE ID of gate and observer. */
export function processorIdentity({ mesh: { manifests: mesh } }: Config): string {
  return `spiffe://${mesh.trustDomain}/ns/${mesh.namespace}/sa/${mesh.serviceAccount}`
}

/** Where Istio's agent, beside every proxy, hands out certificates: a cluster of its bootstrap. */
const FROM_AGENT = {
  api_config_source: {
    api_type: 'GRPC',
    transport_api_version: 'V3',
    set_node_on_first_message_only: true,
    grpc_services: [{ envoy_grpc: { cluster_name: 'sds-grpc' } }],
  },
  resource_api_version: 'V3',
  initial_fetch_timeout: '0s',
}

/**
 * Each side proves who it is to the other: the proxy by the certificate that Istio gives it, Flint
 * by one of the same authority.
 */
export function withIstioCertificates(config: Config, cluster: Cluster): Cluster {
  return withTls(cluster, {
    tls_certificate_sds_secret_configs: [{ name: 'default', sds_config: FROM_AGENT }],
    combined_validation_context: {
      default_validation_context: flintAlone(config),
      validation_context_sds_secret_config: { name: 'ROOTCA', sds_config: FROM_AGENT },
    },
  })
}

/** The same with certificates in files, for proxies that no mesh gives one. */
export function withCertificateFiles(config: Config, cluster: Cluster): Cluster {
  const { clientCertFile, clientKeyFile, processorCaFile } = config.mesh.manifests
  return withTls(cluster, {
    tls_certificates: [
      {
        certificate_chain: { filename: clientCertFile },
        private_key: { filename: clientKeyFile },
      },
    ],
    validation_context: { trusted_ca: { filename: processorCaFile }, ...flintAlone(config) },
  })
}

function flintAlone(config: Config) {
  return {
    match_typed_subject_alt_names: [
      { san_type: 'URI', matcher: { exact: processorIdentity(config) } },
    ],
  }
}

function withTls(cluster: Cluster, context: Record<string, unknown>): Cluster {
  return {
    ...cluster,
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': TLS,
        common_tls_context: { alpn_protocols: ['h2'], ...context },
      },
    },
  }
}
