import fs from 'node:fs'
import path from 'node:path'
import type { Authority, Certificate } from '../../support/authority.ts'
import { type FlintUnderTest, freePort, startFlint } from '../../support/flint.ts'
import { type Relay, startRelay } from './relay.ts'

/** A Flint that the proxies of a mesh reach on its own ports, with a certificate of the mesh. */
export interface FlintOfMesh {
  readonly flint: FlintUnderTest
  /** Each can go away by itself. */
  readonly gate: Relay
  readonly observer: Relay
  stop(): Promise<void>
}

/** `trust` is `mesh.gateways` and `mesh.sidecars` of flint.yaml: whom it lets in. */
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
    const [gate, observer] = [await startRelay(gatePort), await startRelay(observerPort)]
    return {
      ...{ flint, gate, observer },
      async stop() {
        await gate.goAway()
        await observer.goAway()
        await flint.stop()
      },
    }
  }
}
