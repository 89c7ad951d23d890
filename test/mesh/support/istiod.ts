import fs from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { type Manifest, printFile } from '../../../envoy/mesh/manifest.ts'
import { freePort } from '../../../src/store/embedded/free-port.ts'
import { until } from '../../support/until.ts'
import { toolPath } from '../go-tools.ts'
import { type Child, startChild } from './child.ts'
import { startKubeApi } from './kube-api.ts'

export interface Istiod {
  readonly xdsPort: number
  /** What it delivers from now on. */
  deliver(manifests: readonly Manifest[]): void
  output(): string
  stop(): Promise<void>
}

/** The real istiod, which reads its configuration from a folder. */
export async function startIstiod(
  directory: string,
  namespaces: readonly string[],
  manifests: readonly Manifest[],
): Promise<Istiod> {
  const config = path.join(directory, 'config')
  fs.mkdirSync(config, { recursive: true })
  const deliver = (all: readonly Manifest[]) => {
    // A rename: a file that is half written would be refused as a whole.
    const file = path.join(directory, 'manifests.yaml')
    fs.writeFileSync(file, printFile({ name: '', about: '', manifests: all }))
    fs.renameSync(file, path.join(config, 'manifests.yaml'))
  }
  deliver(manifests)
  const kubernetes = await startKubeApi(namespaces)
  const write = (name: string, content: unknown) => {
    fs.writeFileSync(path.join(directory, name), stringify(content))
    return path.join(directory, name)
  }
  const kubeconfig = write('kubeconfig.yaml', kubeconfigFor(kubernetes.url))
  const meshConfig = write('mesh.yaml', MESH)
  const [xdsPort, httpPort, monitoringPort] = [await freePort(), await freePort(), await freePort()]
  const child: Child = startChild(
    toolPath('pilot-discovery'),
    [
      'discovery',
      ...['--configDir', config, '--registries', 'Kubernetes', '--clusterID', 'Kubernetes'],
      ...['--kubeconfig', kubeconfig, '--meshConfig', meshConfig],
      ...['--grpcAddr', `127.0.0.1:${xdsPort}`, '--httpAddr', `127.0.0.1:${httpPort}`],
      ...['--monitoringAddr', `127.0.0.1:${monitoringPort}`],
      ...['--httpsAddr', '', '--secureGRPCAddr', '', '--ctrlz_port', '0'],
    ],
    { cwd: directory, env: ENVIRONMENT, outputFile: path.join(directory, 'istiod.log') },
  )
  await until('istiod to be ready', 60_000, async () => {
    if (!child.isRunning()) throw new Error(child.output())
    const answer = await fetch(`http://127.0.0.1:${httpPort}/ready`).catch(() => null)
    return answer?.ok === true
  })
  return {
    xdsPort,
    deliver,
    output: child.output,
    async stop() {
      await child.stop()
      await kubernetes.close()
    },
  }
}

/** No authority, no tokens, and none of the extensions that only Istio's own build of Envoy has. */
const ENVIRONMENT = {
  XDS_AUTH: 'false',
  ENABLE_CA_SERVER: 'false',
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  PILOT_ENABLE_ALPN_FILTER: 'false',
  POD_NAME: 'istiod',
  POD_NAMESPACE: 'istio-system',
}

/** The mesh's own access log is on, as in many meshes: it prints paths with their query. */
const MESH = {
  trustDomain: 'cluster.local',
  enableAutoMtls: false,
  accessLogFile: '/dev/stdout',
  ingressControllerMode: 'OFF',
}

function kubeconfigFor(server: string) {
  const name = 'test'
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name },
    clusters: [{ name, cluster: { server } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: {} }],
  }
}
