import fs from 'node:fs'
import path from 'node:path'
import { type FlintUnderTest, freePort, startFlint } from '../../support/flint.ts'
import type { Authority, Certificate } from './certificates.ts'

/** A Flint that the proxies of a mesh reach on its own ports, with a certificate of the mesh. */
export interface FlintOfMesh {
  readonly flint: FlintUnderTest
  readonly gate: Reachable
  readonly observer: Reachable
}

interface Reachable {
  readonly endpoint: string
  stop(): Promise<void>
}

/** `trust` is `mesh.gateways` or `mesh.sidecars` of flint.yaml: whom it lets in. */
export function startFlintOfMesh(directory: string, trust: Readonly<Record<string, string[]>>) {
  return async (authority: Authority, certificate: Certificate): Promise<FlintOfMesh> => {
    const [gatePort, observerPort] = [await freePort(), await freePort()]
    const dataDir = path.join(directory, 'flint')
    fs.mkdirSync(dataDir, { recursive: true })
    const mesh = {
      ...{ HOST: '127.0.0.1', GATE_PORT: String(gatePort), OBSERVER_PORT: String(observerPort) },
      ...{ CERT_FILE: certificate.certFile, KEY_FILE: certificate.keyFile },
      CLIENT_CA_FILE: authority.certFile,
      ...Object.fromEntries(
        Object.entries(trust).map(([name, ids]) => [name.toUpperCase(), JSON.stringify(ids)]),
      ),
    }
    const env = Object.fromEntries(
      Object.entries(mesh).map(([name, value]) => [`FLINT_MESH_${name}`, value]),
    )
    const flint = await startFlint({ env, dataDir })
    await flint.cli('mesh', 'assign')
    const at = (port: number) => ({
      endpoint: `127.0.0.1:${port}`,
      // Both end with the one program.
      stop: () => flint.stop().then(() => undefined),
    })
    return { flint, gate: at(gatePort), observer: at(observerPort) }
  }
}
