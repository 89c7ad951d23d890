import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { stringify } from 'yaml'
import { envoyGatewayManifests } from '../../../envoy/mesh/envoy-gateway/envoy-gateway-manifests.ts'
import { type Manifest, printFile } from '../../../envoy/mesh/manifest.ts'
import type { Config } from '../../../src/config/schema.ts'
import { freePort } from '../../../src/store/embedded/free-port.ts'
import { until } from '../../support/until.ts'
import { toolPath } from '../go-tools.ts'
import { startChild } from './child.ts'
import { type Authorities, certificatesOf, ofCustomer } from './envoy-gateway.ts'

/** Envoy Gateway's server listens on these and cannot be given others. */
const FIXED_PORTS = [8081, 18000, 18002]

/** True where no one else on this machine has a port that the server needs. */
export async function hasItsPorts(): Promise<boolean> {
  const isFree = (port: number) =>
    new Promise<boolean>((resolve) => {
      const server = net.createServer()
      server.once('error', () => resolve(false))
      server.listen(port, () => server.close(() => resolve(true)))
    })
  return (await Promise.all(FIXED_PORTS.map(isFree))).every(Boolean)
}

export interface EnvoyGatewayServer {
  readonly port: number
  configDump(): Promise<unknown>
  stop(): Promise<void>
}

/** Envoy Gateway's real server, which starts the Envoy given and configures it while it runs. */
export async function startEnvoyGatewayServer(
  directory: string,
  authorities: Authorities,
  { config, envoy }: { readonly config: Config; readonly envoy: string },
): Promise<EnvoyGatewayServer> {
  const at = (...names: string[]) => path.join(directory, ...names)
  for (const folder of ['manifests', 'config', 'data', 'state', 'run'])
    fs.mkdirSync(at(folder), { recursive: true })
  const program = at('data/envoy-versions', ENVOY_VERSION, 'bin/envoy')
  fs.mkdirSync(path.dirname(program), { recursive: true })
  fs.copyFileSync(envoy, program)
  const port = await freePort()
  const manifests = [
    ...envoyGatewayManifests(config)
      .flatMap((file) => file.manifests)
      .map((manifest) => onThisMachine(manifest, port)),
    ...ofCustomer(authorities, certificatesOf(authorities)),
  ]
  fs.writeFileSync(
    at('manifests/all.yaml'),
    printFile({ name: '', about: 'All of them.', manifests }),
  )
  fs.writeFileSync(at('server.yaml'), stringify(serverConfig(directory, await freePort())))
  const server = toolPath('envoy-gateway')
  execFileSync(server, ['certgen', '--local', '--config-home', at('config')], { stdio: 'pipe' })
  const child = startChild(server, ['server', '--config-path', at('server.yaml')], {
    cwd: directory,
    outputFile: at('server.log'),
  })
  const configDump = async () => {
    const [run = ''] = fs.readdirSync(at('run'))
    const admin = fs.readFileSync(at('run', run, 'admin-address.txt'), 'utf8').trim()
    return (await (await fetch(`http://${admin}/config_dump`)).json()) as unknown
  }
  try {
    await until('the listener that Envoy Gateway delivers', 60_000, async () => {
      if (!child.isRunning()) throw new Error(child.output())
      const dump = await configDump().catch(() => null)
      return JSON.stringify(dump).includes('"active_state":{"version_info"')
        ? JSON.stringify(dump).includes('flint.guard')
        : false
    })
  } catch (error) {
    await child.stop()
    throw error
  }
  return { port, configDump, stop: child.stop }
}

/** Otherwise it would look one up and fetch it. */
const ENVOY_VERSION = '1.40.0'

/** No names, no Kubernetes, and a port that is free. */
function onThisMachine(manifest: Manifest, port: number): Manifest {
  const spec = manifest['spec'] as Record<string, unknown>
  const withSpec = (change: object) => ({ ...manifest, spec: { ...spec, ...change } })
  if (manifest.kind === 'EnvoyProxy')
    return withSpec({ provider: { type: 'Host', host: { envoyVersion: ENVOY_VERSION } } })
  if (manifest.kind === 'Gateway')
    return withSpec({
      listeners: (spec['listeners'] as object[]).map((listener) => ({ ...listener, port })),
    })
  const [endpoint] = (spec?.['endpoints'] ?? []) as Array<{ fqdn?: { port: number } }>
  return endpoint?.fqdn === undefined
    ? manifest
    : withSpec({ endpoints: [{ ip: { address: '127.0.0.1', port: endpoint.fqdn.port } }] })
}

function serverConfig(directory: string, adminPort: number) {
  const at = (name: string) => path.join(directory, name)
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyGateway',
    gateway: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
    provider: {
      type: 'Custom',
      custom: {
        resource: { type: 'File', file: { paths: [at('manifests')] } },
        infrastructure: {
          type: 'Host',
          host: {
            ...{ configHome: at('config'), dataHome: at('data') },
            ...{ stateHome: at('state'), runtimeDir: at('run') },
          },
        },
      },
    },
    extensionApis: { enableBackend: true, enableEnvoyPatchPolicy: true },
    admin: { address: { host: '127.0.0.1', port: adminPort } },
    telemetry: { metrics: { prometheus: { disable: true } } },
  }
}
