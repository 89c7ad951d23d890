import { Type } from 'typebox'

/** A DNS label (RFC 1123), as Kubernetes names namespaces and service accounts. */
const LABEL = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
/** A name with dots, and a port. IPv6 addresses have no place in a manifest. */
const ENDPOINT = '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:[1-9][0-9]{0,4}$'
const ABSOLUTE_FILE = '^/[^\\s]+$'

const Endpoint = (description: string, ofProcess: string) =>
  Type.String({ pattern: ENDPOINT, default: ofProcess, description })

const File = (description: string, file: string) =>
  Type.String({ pattern: ABSOLUTE_FILE, default: file, description })

/** What `npx flint manifests` renders manifests for (docs/mesh-install.md). */
export const ManifestSettings = Type.Object(
  {
    hosts: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])$' }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'hosts of providers that are captured; else those of every https provider',
      }),
    ),
    namespaces: Type.Array(Type.String({ pattern: LABEL }), {
      default: ['default'],
      minItems: 1,
      maxItems: 10_000,
      description: 'namespaces whose apps are captured',
    }),
    captureAt: Type.Union(
      [Type.Literal('egress-gateway'), Type.Literal('sidecar'), Type.Literal('both')],
      {
        default: 'egress-gateway',
        description:
          'of Istio: the proxy on the way of a call that captures it; both make one record',
      },
    ),
    profile: Type.Union([Type.Literal('available'), Type.Literal('acked')], {
      default: 'available',
      description:
        'available never makes a call wait for its record, acked lets no byte pass that was not seen',
    }),
    gate: Endpoint(
      'host:port of the gate, as proxies reach it',
      'flint.flint.svc.cluster.local:9443',
    ),
    observer: Endpoint(
      'host:port of the observer, as proxies reach it',
      'flint.flint.svc.cluster.local:9444',
    ),
    namespace: Type.String({
      pattern: LABEL,
      default: 'flint',
      description: 'namespace of Flint, and of the gateway that is its own',
    }),
    serviceAccount: Type.String({
      pattern: LABEL,
      default: 'flint',
      description: 'of Flint in mesh.manifests.namespace: proxies talk to no one else',
    }),
    trustDomain: Type.String({
      pattern: '^[a-z0-9]([a-z0-9._-]{0,253}[a-z0-9])?$',
      default: 'cluster.local',
      description: 'of the SPIFFE IDs of the mesh',
    }),
    accessLogProvider: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$',
      default: 'envoy',
      description:
        'of Istio: the provider of the mesh’s own access log in mesh.manifests.namespaces, which then leaves calls to providers out; none leaves that log as it is',
    }),
    clientCertificates: Type.Union(
      [Type.Literal('required'), Type.Literal('optional'), Type.Literal('none')],
      {
        default: 'required',
        description:
          'of Envoy Gateway: whether apps prove who they are; optional takes calls of apps without a certificate as well, none speaks plain HTTP',
      },
    ),
    caFile: Type.Optional(
      Type.String({
        pattern: ABSOLUTE_FILE,
        description:
          'certificate authorities for the providers, in the proxies; else those of their system',
      }),
    ),
    clientCertFile: File(
      'certificate of proxies that no mesh gives one',
      '/etc/flint/client/tls.crt',
    ),
    clientKeyFile: File('of mesh.manifests.clientCertFile', '/etc/flint/client/tls.key'),
    processorCaFile: File(
      'authority of the certificates of gate and observer, in such proxies',
      '/etc/flint/client/ca.crt',
    ),
  },
  { additionalProperties: false, default: {} },
)
