import type { Config } from '../../../src/config/schema.ts'
import type { Cluster, HttpFilter } from '../../tree.ts'
import type { Chain } from '../chain.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { processorIdentity } from '../processor-tls.ts'
import { authorityIn, backend } from './backends.ts'
import { clientCertificate } from './client-certificate.ts'
import { clusterSettings } from './cluster-settings.ts'
import {
  CERTIFICATES,
  ENVOY_GATEWAY_API,
  GATE,
  GATEWAY,
  OBSERVER,
  THE_GATEWAY,
  toBackend,
} from './names.ts'
import { patchPolicy } from './patches.ts'

/** Gate and observer, the filters that ask them, and what no field of those can say. */
export function chainFile(config: Config, chain: Chain): ManifestFile {
  const [gate = {}, observer = {}] = chain.clusters
  return {
    name: 'chain.yaml',
    about:
      'What makes the gateway Flint’s: it asks the gate, forwards nothing without a record, and gives the observer a copy. EnvoyPatchPolicy must be switched on in Envoy Gateway: without it the gate refuses every call.',
    manifests: [
      ...processor(config, GATE, gate),
      ...processor(config, OBSERVER, observer),
      ...clientCertificate(config),
      extensionPolicy(config, chain),
      patchPolicy(config, chain),
    ],
  }
}

/** Each side proves who it is to the other. */
function processor(config: Config, name: string, cluster: Cluster): Manifest[] {
  const { address, port_value } = addressOf(cluster)
  return backend(config, {
    ...{ name, host: address, port: port_value },
    more: {
      appProtocols: ['gateway.envoyproxy.io/h2c'],
      tls: { clientCertificateRef: { name: CERTIFICATES.client } },
    },
    validation: {
      ...authorityIn(CERTIFICATES.processors),
      subjectAltNames: [{ type: 'URI', uri: processorIdentity(config) }],
    },
  })
}

interface Addressed {
  readonly load_assignment: {
    readonly endpoints: ReadonlyArray<{
      readonly lb_endpoints: ReadonlyArray<{
        readonly endpoint: {
          readonly address: {
            readonly socket_address: { readonly address: string; readonly port_value: number }
          }
        }
      }>
    }>
  }
}

function addressOf(cluster: Cluster) {
  const { load_assignment } = cluster as unknown as Addressed
  const found = load_assignment.endpoints[0]?.lb_endpoints[0]?.endpoint.address.socket_address
  if (found === undefined) throw new Error(`the cluster ${cluster['name']} has no address`)
  return found
}

function extensionPolicy(config: Config, { filters, clusters }: Chain): Manifest {
  const [auth, , copying] = filters
  const [gate = {}, observer = {}] = clusters
  return {
    apiVersion: ENVOY_GATEWAY_API,
    kind: 'EnvoyExtensionPolicy',
    metadata: { name: GATEWAY, namespace: config.mesh.manifests.namespace },
    spec: {
      targetRefs: [THE_GATEWAY],
      extProc: [extProc(GATE, auth, gate), extProc(OBSERVER, copying, observer)],
    },
  }
}

/** Of a filter, what Envoy Gateway has a field for. */
interface KnownFilter {
  readonly observability_mode?: boolean
  readonly failure_mode_allow: boolean
  readonly status_on_error?: { readonly code: number }
  readonly message_timeout?: string
  readonly processing_mode: {
    readonly request_body_mode: string
    readonly response_header_mode: string
    readonly response_body_mode: string
  }
  readonly response_attributes?: readonly string[]
  readonly metadata_options: {
    readonly forwarding_namespaces?: { readonly untyped: readonly string[] }
    readonly receiving_namespaces?: { readonly untyped: readonly string[] }
  }
}

const body = (mode: string) => (mode === 'STREAMED' ? { body: 'Streamed' } : {})

function extProc(name: string, filter: HttpFilter | undefined, cluster: Cluster) {
  const known = filter?.typed_config as unknown as KnownFilter
  const { request_body_mode, response_header_mode, response_body_mode } = known.processing_mode
  const { forwarding_namespaces, receiving_namespaces } = known.metadata_options
  const attributes = known.response_attributes
  return {
    backendRefs: [toBackend(name)],
    backendSettings: clusterSettings(cluster),
    failOpen: known.failure_mode_allow,
    ...(known.observability_mode === undefined ? {} : { shadowMode: known.observability_mode }),
    ...(known.status_on_error === undefined ? {} : { statusOnError: known.status_on_error.code }),
    ...(known.message_timeout === undefined ? {} : { messageTimeout: known.message_timeout }),
    processingMode: {
      request: body(request_body_mode),
      ...(response_header_mode === 'SKIP'
        ? {}
        : {
            response: {
              ...body(response_body_mode),
              ...(attributes === undefined ? {} : { attributes }),
            },
          }),
    },
    metadata: {
      ...(forwarding_namespaces === undefined
        ? {}
        : { accessibleNamespaces: forwarding_namespaces.untyped }),
      ...(receiving_namespaces === undefined
        ? {}
        : { writableNamespaces: receiving_namespaces.untyped }),
    },
  }
}
