import fs from 'node:fs'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'

interface Definition {
  readonly kind: string
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: ReadonlyArray<{
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: Schema }
    }>
  }
}

type Schema = Record<string, unknown>

/**
 * Schemas for kubeconform out of custom resource definitions, where a field that is not listed is an
 * error: an API server drops it and says nothing.
 */
export function writeSchemas(definitionFiles: readonly string[], folder: string): void {
  for (const file of definitionFiles) {
    // Charts have lines that are no YAML.
    const lines = fs.readFileSync(file, 'utf8').split('\n')
    const text = lines.filter((line) => !line.trimStart().startsWith('{{')).join('\n')
    for (const document of parseAllDocuments(text)) {
      const definition = document.toJS() as Definition | null
      if (definition?.kind !== 'CustomResourceDefinition') continue
      const { group, names, versions } = definition.spec
      for (const { name, schema } of versions) {
        const closed = close(schema.openAPIV3Schema) as Schema
        closed['properties'] = { ...(closed['properties'] as Schema), ...OF_EVERY_OBJECT }
        const target = `${names.kind.toLowerCase()}-${group}-${name}.json`
        fs.writeFileSync(path.join(folder, target), JSON.stringify(closed))
      }
    }
  }
}

/** What `-schema-location` of kubeconform is for such a folder. */
export const schemaLocation = (folder: string) =>
  path.join(folder, '{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json')

const OF_EVERY_OBJECT = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object' },
}

function close(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(close)
  if (typeof node !== 'object' || node === null) return node
  const { 'x-kubernetes-validations': _rules, ...rest } = node as Schema
  const schema: Schema = Object.fromEntries(
    Object.entries(rest).map(([key, member]) => [key, close(member)]),
  )
  if (schema['x-kubernetes-int-or-string'] === true) {
    delete schema['type']
    schema['anyOf'] = [{ type: 'integer' }, { type: 'string' }]
  }
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] === true || 'additionalProperties' in schema
  return schema['type'] === 'object' && 'properties' in schema && !isOpen
    ? { ...schema, additionalProperties: false }
    : schema
}
