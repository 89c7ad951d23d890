import fs from 'node:fs'
import path from 'node:path'
import type { Authority, Certificate } from '../../support/authority.ts'
import { type FlintUnderTest, startFlint } from '../../support/flint.ts'
import { meshSettings } from '../../support/mesh-settings.ts'
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
export function startFlintOfMesh(directory: string, trust: Parameters<typeof meshSettings>[2]) {
  return async (authority: Authority, certificate: Certificate): Promise<FlintOfMesh> => {
    const { env, ports } = await meshSettings(authority, certificate, trust)
    const dataDir = path.join(directory, 'flint')
    fs.mkdirSync(dataDir, { recursive: true })
    const flint = await startFlint({ env, dataDir })
    await flint.cli('mesh', 'assign')
    const [gate, observer] = [await startRelay(ports.gate), await startRelay(ports.observer)]
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
