import { stringify } from 'yaml'

/** One object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** One file of a folder of manifests. */
export interface ManifestFile {
  readonly name: string
  /** What it is for: stands at its beginning. */
  readonly about: string
  readonly manifests: readonly Manifest[]
}

/** The file as `kubectl apply` reads it. */
export function printFile({ about, manifests }: ManifestFile): string {
  const comment = wrapped(`${about} Rendered by \`npx flint manifests\` from flint.yaml.`)
  return `${comment}\n${manifests.map(printManifest).join('---\n')}`
}

/** Anchors would be shorter, and no one could read a patch by itself. */
function printManifest(manifest: Manifest): string {
  return stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 })
}

const COLUMNS = 98

function wrapped(text: string): string {
  const lines = ['']
  for (const part of text.split(/\s+/)) {
    const line = lines.at(-1) ?? ''
    if (line.length + part.length + 1 > COLUMNS) lines.push(part)
    else lines[lines.length - 1] = line === '' ? part : `${line} ${part}`
  }
  return lines.map((line) => `# ${line}`).join('\n')
}
