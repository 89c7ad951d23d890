import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type Manifest, printFile } from '../../../envoy/mesh/manifest.ts'
import { toolPath } from '../go-tools.ts'

/** What Envoy Gateway makes of manifests. */
export interface Translation {
  /** Objects that it did not accept, each with what it says of it. */
  readonly complaints: readonly string[]
  /** What it would give to the proxies of the only gateway, as in Envoy's own dump. */
  readonly configs: readonly XdsConfig[]
}

export interface XdsConfig {
  readonly '@type': string
  readonly [section: string]: unknown
}

/** Envoy Gateway's real translation, as in a cluster, of objects in a file. */
export async function translate(
  manifests: readonly Manifest[],
  directory: string,
): Promise<Translation> {
  const file = path.join(directory, 'manifests.yaml')
  fs.writeFileSync(file, printFile({ name: '', about: 'All of them.', manifests }))
  const args = ['x', 'translate', '--from', 'gateway-api', '--to', 'gateway-api,xds']
  const text = await new Promise<string>((resolve, reject) => {
    execFile(
      toolPath('egctl'),
      [...args, '--add-missing-resources', '-o', 'json', '-f', file],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(stderr))),
    )
  })
  const { xds, ...objects } = JSON.parse(text) as {
    readonly xds: Readonly<Record<string, { readonly configs: readonly XdsConfig[] }>>
  }
  const [gateway] = Object.values(xds)
  if (gateway === undefined) throw new Error(`no gateway in ${text}`)
  return { complaints: complaintsIn(objects), configs: gateway.configs }
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly message: string
}

/** Conditions that are not true, wherever they stand in an object's status. */
function complaintsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  const own = 'conditions' in node ? (node.conditions as readonly Condition[]) : []
  return [
    ...own
      .filter(({ status }) => status !== 'True')
      .map(({ type, message }) => `${type}: ${message}`),
    ...Object.values(node).flatMap(complaintsIn),
  ]
}
