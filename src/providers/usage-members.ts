import { asObject, type JsonObject } from './json-text.ts'

/** The members of a usage object that Flint reads or knows to be parts of what it reads. */
export interface KnownMembers {
  readonly names: ReadonlySet<string>
  /** Objects, or lists of objects, and the names within. */
  readonly within: ReadonlyMap<string, ReadonlySet<string>>
}

/** Usage objects have a dozen members; a hostile one may not fill the counters. */
const MAX_UNKNOWN = 16
/** A provider's member names are words. */
const NAME = /^\w{1,64}$/
const NONE: readonly string[] = []

export function knownMembers(names: readonly string[], within: Readonly<Record<string, readonly string[]>>): KnownMembers {
  return { names: new Set(names), within: new Map(Object.entries(within).map(([name, inner]) => [name, new Set(inner)])) }
}

/** Paths of the members that say something and are not known: a provider counts something new. Asked for each call. */
export function unknownMembers(usage: JsonObject, { names, within }: KnownMembers): readonly string[] {
  let unknown: string[] | null = null
  for (const name in usage) {
    const value = usage[name]
    if (value === null || names.has(name)) continue
    const known = within.get(name)
    if (known === undefined) unknown = noted(unknown, NAME.test(name) ? name : '?')
    else if (!Array.isArray(value)) unknown = unknownWithin(unknown, name, asObject(value), known)
    else for (const entry of value) unknown = unknownWithin(unknown, name, asObject(entry), known)
  }
  return unknown ?? NONE
}

function unknownWithin(unknown: string[] | null, name: string, value: JsonObject | null, known: ReadonlySet<string>): string[] | null {
  let noticed = unknown
  for (const inner in value)
    if (value?.[inner] !== null && !known.has(inner)) noticed = noted(noticed, NAME.test(inner) ? `${name}.${inner}` : `${name}.?`)
  return noticed
}

function noted(unknown: string[] | null, path: string): string[] {
  const paths = unknown ?? []
  if (paths.length < MAX_UNKNOWN) paths.push(path)
  return paths
}
