import fs from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../src/config/package-root.ts'

export type TemplateValues = ReadonlyMap<string, string | number | boolean>

/** A YAML file of this folder, parsed; `<<` and aliases are resolved. */
export function readTemplate(name: string): unknown {
  return parse(fs.readFileSync(path.join(packageRoot(), 'envoy', name), 'utf8'), { merge: true })
}

/**
 * A scalar that is nothing but `${name}` takes the value's own type; inside a longer text it is
 * spliced in.
 */
export function fill(node: unknown, values: TemplateValues): unknown {
  if (Array.isArray(node)) return node.map((member) => fill(member, values))
  if (typeof node === 'object' && node !== null)
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => [key, fill(member, values)]),
    )
  if (typeof node !== 'string') return node
  const lookup = (name: string): string | number | boolean => {
    const value = values.get(name)
    if (value === undefined)
      throw new Error(`a template of envoy/ names \${${name}}, which nothing fills`)
    return value
  }
  const whole = /^\$\{([\w.]{1,64})\}$/.exec(node)
  if (whole?.[1] !== undefined) return lookup(whole[1])
  return node.replace(/\$\{([\w.]{1,64})\}/g, (_, name: string) => String(lookup(name)))
}
