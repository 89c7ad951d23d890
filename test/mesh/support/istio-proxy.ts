import fs from 'node:fs'
import path from 'node:path'
import { freePort } from '../../../src/store/embedded/free-port.ts'
import type { Authority, Certificate } from '../../support/authority.ts'
import { until } from '../../support/until.ts'
import { toolPath } from '../go-tools.ts'
import { type Child, startChild } from './child.ts'
import type { Istiod } from './istiod.ts'

export interface Workload {
  readonly kind: 'router' | 'sidecar'
  readonly namespace: string
  readonly serviceAccount: string
  readonly labels: Readonly<Record<string, string>>
  /** Of the pod; any other than that of an endpoint, from which istiod would take the labels. */
  readonly ip: string
}

export interface IstioProxy {
  /** Envoy's own view of its configuration. */
  configDump(): Promise<unknown>
  /** Sum of the counters whose name holds this. */
  counter(name: string): Promise<number>
  output(): string
  stop(): Promise<void>
}

/**
 * The real pilot-agent, which serves the workload's certificate, with the Envoy that Flint uses;
 * istiod configures it.
 */
export async function startIstioProxy(
  directory: string,
  envoy: string,
  { xdsPort }: Istiod,
  authority: Authority,
  workload: Workload,
): Promise<IstioProxy> {
  const { kind, namespace, serviceAccount, labels, ip } = workload
  const identity = `spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`
  fs.mkdirSync(directory, { recursive: true })
  placeCertificates(directory, authority, authority.issue(serviceAccount, `URI:${identity}`))
  const [admin, status] = [await freePort(), await freePort()]
  const bootstrap = path.join(directory, 'bootstrap.json')
  fs.writeFileSync(bootstrap, JSON.stringify(bootstrapOf(workload, admin, xdsPort)))
  const proxyConfig = {
    ...{ binaryPath: envoy, configPath: path.join(directory, 'proxy'), concurrency: 1 },
    ...{ discoveryAddress: `127.0.0.1:${xdsPort}`, controlPlaneAuthPolicy: 'NONE' },
    ...{ proxyAdminPort: admin, statusPort: status },
  }
  const agent: Child = startChild(
    toolPath('pilot-agent'),
    ['proxy', kind, '--domain', `${namespace}.svc.cluster.local`],
    {
      cwd: directory,
      outputFile: path.join(directory, 'agent.log'),
      env: {
        ...{ POD_NAME: `${serviceAccount}-0`, POD_NAMESPACE: namespace, INSTANCE_IP: ip },
        ...{ SERVICE_ACCOUNT: serviceAccount, TRUST_DOMAIN: 'cluster.local', JWT_POLICY: 'none' },
        ISTIO_META_CLUSTER_ID: 'Kubernetes',
        ISTIO_METAJSON_LABELS: JSON.stringify(labels),
        ISTIO_BOOTSTRAP: bootstrap,
        PROXY_CONFIG: JSON.stringify(proxyConfig),
        PROXY_XDS_DEBUG_VIA_AGENT: 'false',
      },
    },
  )
  const ask = async (what: string) => (await fetch(`http://127.0.0.1:${admin}/${what}`)).text()
  await until(`the proxy of ${serviceAccount} to be ready`, 60_000, async () => {
    if (!agent.isRunning()) throw new Error(agent.output())
    return (await ask('ready').catch(() => '')).trim() === 'LIVE'
  })
  return {
    configDump: async () => JSON.parse(await ask('config_dump')) as unknown,
    async counter(name) {
      const lines = (await ask('stats')).split('\n').filter((line) => line.includes(name))
      return lines.reduce((sum, line) => sum + Number(line.split(': ')[1] ?? 0), 0)
    },
    output: agent.output,
    stop: agent.stop,
  }
}

function placeCertificates(
  directory: string,
  authority: Authority,
  { certFile, keyFile }: Certificate,
): void {
  const folder = path.join(directory, 'var/run/secrets/workload-spiffe-credentials')
  fs.mkdirSync(folder, { recursive: true })
  fs.copyFileSync(certFile, path.join(folder, 'cert-chain.pem'))
  fs.copyFileSync(keyFile, path.join(folder, 'key.pem'))
  fs.copyFileSync(authority.certFile, path.join(folder, 'root-cert.pem'))
}

/** Istio's own template in short: where istiod is, where the agent is, who this is. */
function bootstrapOf(
  { kind, namespace, serviceAccount, labels, ip }: Workload,
  admin: number,
  xdsPort: number,
) {
  const name = `${serviceAccount}-0`
  return {
    node: {
      id: `${kind}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
      cluster: `${name}.${namespace}`,
      metadata: {
        ...{ CLUSTER_ID: 'Kubernetes', NAMESPACE: namespace, NAME: name, LABELS: labels },
        ...{ ISTIO_VERSION: '1.31.0', INSTANCE_IPS: ip, SERVICE_ACCOUNT: serviceAccount },
      },
    },
    admin: { address: loopback(admin) },
    dynamic_resources: {
      ads_config: {
        ...{ api_type: 'GRPC', transport_api_version: 'V3', set_node_on_first_message_only: true },
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
      },
      lds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
      cds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
    },
    static_resources: {
      clusters: [
        grpcCluster('xds-grpc', loopback(xdsPort)),
        grpcCluster('sds-grpc', {
          pipe: { path: './var/run/secrets/workload-spiffe-uds/socket' },
        }),
      ],
    },
  }
}

function loopback(port_value: number) {
  return { socket_address: { address: '127.0.0.1', port_value } }
}

function grpcCluster(name: string, address: unknown) {
  const type = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
  return {
    ...{ name, type: 'STATIC', connect_timeout: '1s' },
    typed_extension_protocol_options: {
      [type]: {
        '@type': `type.googleapis.com/${type}`,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  }
}
