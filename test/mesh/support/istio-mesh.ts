import fs from 'node:fs'
import path from 'node:path'
import { findEnvoy } from '../../../envoy/find-envoy.ts'
import { istioManifests } from '../../../envoy/mesh/istio/istio-manifests.ts'
import type { Manifest } from '../../../envoy/mesh/manifest.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { freePort } from '../../../src/store/embedded/free-port.ts'
import { makeAuthority } from '../../support/authority.ts'
import { type FlintOfMesh, startFlintOfMesh } from './flint-of-mesh.ts'
import { type IstioProxy, startIstioProxy, type Workload } from './istio-proxy.ts'
import { type Istiod, startIstiod } from './istiod.ts'
import { onLoopback } from './on-loopback.ts'
import { startTlsProvider, type TlsProvider } from './provider.ts'

/** Envoys share a port that two listen on, and a call would come to the mesh of another worker. */
const network = `127.0.${100 + Number(process.env['VITEST_POOL_ID'] ?? 0)}`
/** Where the sidecar of a namespace's app listens, port 80. */
export const SIDECARS = {
  'team-a': `${network}.7`,
  'team-b': `${network}.8`,
  'team-c': `${network}.10`,
}

/** A mesh of one gateway, or of none, and one app per namespace. */
export interface IstioMesh extends Pick<FlintOfMesh, 'flint' | 'gate' | 'observer'> {
  readonly provider: TlsProvider
  readonly istiod: Istiod
  readonly envoy: string
  readonly proxies: Readonly<Record<string, IstioProxy>>
  /** The manifests as they are delivered. */
  readonly manifests: readonly Manifest[]
  /** Delivers what other settings render. */
  change(settings: Record<string, unknown>): void
  stop(): Promise<void>
}

/**
 * `mesh` is `mesh.manifests` of flint.yaml, without what depends on this machine; `trust` what else
 * stands below `mesh`: the names of the proxies.
 */
export async function startIstioMesh(
  directory: string,
  trust: Readonly<Record<string, string[]>>,
  mesh: Record<string, unknown>,
  workloads: readonly Workload[],
): Promise<IstioMesh> {
  const envoy = await findEnvoy({ configuredPath: undefined, say: (line) => console.log(line) })
  const authority = makeAuthority(path.join(directory, 'certificates'))
  const provider = await startTlsProvider(authority.issue('provider', 'DNS:api.openai.com'))
  const { flint, gate, observer, stop } = await startFlintOfMesh(directory, trust)(
    authority,
    authority.issue('flint', 'URI:spiffe://cluster.local/ns/flint/sa/flint'),
  )
  const gatewayPort = await freePort()
  const render = (settings: Record<string, unknown>) => {
    const manifests = {
      ...{ hosts: ['api.openai.com'], namespaces: ['team-a', 'team-b'] },
      ...{ gate: gate.endpoint, observer: observer.endpoint },
      ...{ caFile: authority.certFile, ...settings },
    }
    const file = path.join(directory, 'flint.yaml')
    const upstream = `https://api.openai.com:${provider.port}`
    fs.writeFileSync(
      file,
      JSON.stringify({ mesh: { manifests }, providers: { openai: { upstream } } }),
    )
    const { config } = loadConfig({ FLINT_CONFIG: file }, directory)
    const rendered = istioManifests(config).flatMap((one) => one.manifests)
    return onLoopback(rendered, gatewayPort, SIDECARS)
  }
  const manifests = [...render(mesh), ...sidecarsOfOthers()]
  const namespaces = ['istio-system', 'flint', ...Object.keys(SIDECARS)]
  const istiod = await startIstiod(path.join(directory, 'istiod'), namespaces, manifests)
  const proxies: Record<string, IstioProxy> = {}
  for (const workload of workloads)
    proxies[workload.namespace] = await startIstioProxy(
      path.join(directory, workload.namespace),
      envoy,
      istiod,
      authority,
      workload,
    )
  return {
    ...{ flint, gate, observer, provider, istiod, envoy, proxies, manifests },
    change: (settings) =>
      istiod.deliver([...render({ ...mesh, ...settings }), ...sidecarsOfOthers()]),
    async stop() {
      for (const proxy of Object.values(proxies)) await proxy.stop()
      await istiod.stop()
      await stop()
      await provider.close()
    },
  }
}

/** A namespace that no setting names has a sidecar too, as every one in a mesh. */
function sidecarsOfOthers(): Manifest[] {
  const egress = [
    {
      port: { number: 80, name: 'http', protocol: 'HTTP' },
      bind: SIDECARS['team-c'],
      captureMode: 'NONE',
      hosts: ['*/*'],
    },
    { hosts: ['*/*'] },
  ]
  return [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name: 'of-the-mesh', namespace: 'team-c' },
      spec: { egress },
    },
  ]
}
