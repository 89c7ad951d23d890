import fs from 'node:fs'
import path from 'node:path'
import type { Manifest } from '../../../envoy/mesh/manifest.ts'
import { freePort } from '../../../src/store/embedded/free-port.ts'
import { bootstrapOfPatches, type ConfigPatch } from '../../support/bootstrap-of-filters.ts'
import { eventually } from '../../support/eventually.ts'
import { startChild } from './child.ts'

export interface DumpedFilter {
  readonly name: string
  readonly disabled?: boolean
  readonly typed_config?: unknown
}

/** The filters of the first connection manager in a listener of Envoy's own view. */
export function filtersDelivered(dump: unknown): DumpedFilter[] {
  return managerIn(dump, 'ListenersConfigDump')
}

/**
 * What the patches are when nothing of them is dropped: an Envoy that has them in its bootstrap says
 * in the same terms what it understood.
 */
export async function filtersRendered(
  { manifests, envoy }: { readonly manifests: readonly Manifest[]; readonly envoy: string },
  directory: string,
): Promise<DumpedFilter[]> {
  const admin = await freePort()
  const file = path.join(directory, 'bootstrap.json')
  const address = { socket_address: { address: '127.0.0.1', port_value: admin } }
  const bootstrap = bootstrapOfPatches(patchesOf(manifests)) as object
  fs.writeFileSync(file, JSON.stringify({ ...bootstrap, admin: { address } }))
  const child = startChild(envoy, ['-c', file, '--disable-hot-restart', '--concurrency', '1'], {
    cwd: directory,
    outputFile: path.join(directory, 'envoy.log'),
  })
  try {
    return await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${admin}/config_dump`)
      return managerIn(await answer.json(), 'BootstrapConfigDump')
    })
  } finally {
    await child.stop()
  }
}

/** Of the EnvoyFilter among them. */
function patchesOf(manifests: readonly Manifest[]): ConfigPatch[] {
  const filters = manifests.filter(({ kind }) => kind === 'EnvoyFilter')
  return filters.flatMap(
    (manifest) => (manifest['spec'] as { configPatches: ConfigPatch[] }).configPatches,
  )
}

function managerIn(dump: unknown, section: string): DumpedFilter[] {
  const { configs } = dump as { configs: Array<{ '@type': string }> }
  const found = configs.find((config) => config['@type'].endsWith(section))
  const managers = managersBelow(found)
  const [first] = managers.filter((filters) =>
    filters.some(({ name }) => name.startsWith('flint.')),
  )
  if (first === undefined)
    throw new Error(`no connection manager with filters of Flint's: ${JSON.stringify(managers)}`)
  return first
}

function managersBelow(node: unknown): DumpedFilter[][] {
  if (typeof node !== 'object' || node === null) return []
  const own = 'http_filters' in node ? [node.http_filters as DumpedFilter[]] : []
  return [...own, ...Object.values(node).flatMap(managersBelow)]
}
