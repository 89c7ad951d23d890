import fs from 'node:fs'
import path from 'node:path'
import { findEnvoy } from '../../../envoy/find-envoy.ts'
import { envoyGatewayManifests } from '../../../envoy/mesh/envoy-gateway/envoy-gateway-manifests.ts'
import { CERTIFICATES } from '../../../envoy/mesh/envoy-gateway/names.ts'
import type { Manifest } from '../../../envoy/mesh/manifest.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Config } from '../../../src/config/schema.ts'
import { freePort } from '../../../src/store/embedded/free-port.ts'
import type { Authority, Certificate } from '../../support/authority.ts'
import { until } from '../../support/until.ts'
import { startChild } from './child.ts'
import { translate } from './egctl.ts'
import { staticBootstrap } from './static-bootstrap.ts'

/** Three of them, as in a company: no one is believed in another's place. */
export interface Authorities {
  readonly workloads: Authority
  readonly processors: Authority
  readonly providers: Authority
}

export interface EnvoyGateway {
  readonly port: number
  readonly config: Config
  readonly envoy: string
  /** What Envoy Gateway does not accept of the manifests. */
  readonly complaints: readonly string[]
  /** Envoy's own view of its configuration. */
  configDump(): Promise<unknown>
  /** Sum of the counters whose name holds this. */
  counter(name: string): Promise<number>
  output(): string
  stop(): Promise<void>
}

interface Settings {
  readonly providerPort: number
  /** `mesh.manifests` of flint.yaml. */
  readonly mesh: Readonly<Record<string, unknown>>
  /** What a cluster has of the manifests; all where it is left out. */
  readonly isApplied?: (manifest: Manifest) => boolean
}

/** The real Envoy, with what the real Envoy Gateway makes of the manifests for these settings. */
export async function startEnvoyGateway(
  directory: string,
  authorities: Authorities,
  { providerPort, mesh, isApplied = () => true }: Settings,
): Promise<EnvoyGateway> {
  fs.mkdirSync(directory, { recursive: true })
  const config = configOf(directory, providerPort, mesh)
  const certificates = certificatesOf(authorities)
  const manifests = envoyGatewayManifests(config).flatMap((file) => file.manifests)
  const { complaints, configs } = await translate(
    [...manifests.filter(isApplied), ...ofCustomer(authorities, certificates)],
    directory,
  )
  const [port, adminPort] = [await freePort(), await freePort()]
  const bootstrap = staticBootstrap(configs, {
    ...{ port, adminPort },
    authorities: {
      system_ca_certificates: authorities.providers.certFile,
      'api-openai-com/flint-ca': authorities.providers.certFile,
      'flint/flint-egress/ca.crt': authorities.workloads.certFile,
      'flint-gate/flint-ca': authorities.processors.certFile,
      'flint-observer/flint-ca': authorities.processors.certFile,
    },
    certificates: Object.fromEntries(
      Object.entries(certificates).map(([name, one]) => [`flint/${name}`, one]),
    ),
  })
  const envoy = await findEnvoy({ configuredPath: undefined, say: (line) => console.log(line) })
  const proxy = await startEnvoy(envoy, directory, bootstrap, adminPort)
  return { ...{ port, config, envoy, complaints }, ...proxy }
}

/** The gateway's own, towards apps and towards gate and observer. */
export function certificatesOf({ providers, processors }: Authorities) {
  const identity = 'URI:spiffe://cluster.local/ns/flint/sa/flint-egress'
  return {
    [CERTIFICATES.listener]: providers.issue('listener', 'DNS:api.openai.com'),
    [CERTIFICATES.client]: processors.issue('flint-egress', identity),
  }
}

/** What no manifest of Flint's has in it. */
export function ofCustomer(
  authorities: Authorities,
  certificates: Readonly<Record<string, Certificate>>,
): Manifest[] {
  return [
    ...secretsOf(certificates),
    authority(CERTIFICATES.workloads, authorities.workloads),
    authority(CERTIFICATES.processors, authorities.processors),
    authority(CERTIFICATES.providers, authorities.providers),
  ]
}

function configOf(
  directory: string,
  providerPort: number,
  mesh: Readonly<Record<string, unknown>>,
): Config {
  const file = path.join(directory, 'flint.yaml')
  const manifests = { hosts: ['api.openai.com'], namespaces: ['team-a', 'team-b'], ...mesh }
  const providers = { openai: { upstream: `https://api.openai.com:${providerPort}` } }
  fs.writeFileSync(file, JSON.stringify({ mesh: { manifests }, providers }))
  return loadConfig({ FLINT_CONFIG: file }, directory).config
}

const base64 = (file: string) => fs.readFileSync(file).toString('base64')

function secretsOf(certificates: Readonly<Record<string, Certificate>>): Manifest[] {
  return Object.entries(certificates).map(([name, { certFile, keyFile }]) => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'flint' } },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(certFile), 'tls.key': base64(keyFile) },
  }))
}

function authority(name: string, { certFile }: Authority): Manifest {
  return {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'flint' } },
    data: { 'ca.crt': fs.readFileSync(certFile, 'utf8') },
  }
}

async function startEnvoy(envoy: string, directory: string, bootstrap: unknown, adminPort: number) {
  const file = path.join(directory, 'envoy.json')
  fs.writeFileSync(file, JSON.stringify(bootstrap))
  const quiet = ['--log-level', 'warning', '--file-flush-interval-msec', '200']
  const args = ['-c', file, '--disable-hot-restart', '--concurrency', '1', ...quiet]
  const outputFile = path.join(directory, 'envoy.log')
  const child = startChild(envoy, args, { cwd: directory, outputFile })
  const ask = async (what: string) => (await fetch(`http://127.0.0.1:${adminPort}/${what}`)).text()
  await until('the gateway to be ready', 60_000, async () => {
    if (!child.isRunning()) throw new Error(child.output())
    return (await ask('ready').catch(() => '')).trim() === 'LIVE'
  })
  return {
    configDump: async () => JSON.parse(await ask('config_dump')) as unknown,
    async counter(name: string) {
      const lines = (await ask('stats')).split('\n').filter((line) => line.includes(name))
      return lines.reduce((sum, line) => sum + Number(line.split(': ')[1] ?? 0), 0)
    },
    output: child.output,
    stop: child.stop,
  }
}
