import { asObject, type JsonObject } from './json-text.ts'

/** The members of a usage object that Flint reads or knows to be parts of what it reads. */
export interface KnownMembers {
  readonly names: readonly string[]
  /** Objects, or lists of objects, and the names within. */
  readonly within: Readonly<Record<string, readonly string[]>>
}

/** Usage objects have a dozen members; a hostile one may not fill the counters. */
const MAX_UNKNOWN = 16
/** A provider's member names are words. */
const NAME = /^\w{1,64}$/

/** Paths of the members that say something and are not known: a provider counts something new. */
export function unknownMembers(usage: JsonObject, { names, within }: KnownMembers): readonly string[] {
  let unknown: string[] | null = null
  const found = (path: string) => {
    unknown ??= []
    if (unknown.length < MAX_UNKNOWN) unknown.push(path)
  }
  for (const [name, value] of Object.entries(usage)) {
    if (value === null || names.includes(name)) continue
    const known = within[name]
    if (known === undefined) {
      found(NAME.test(name) ? name : '?')
      continue
    }
    for (const entry of Array.isArray(value) ? value : [value]) {
      for (const [inner, counted] of Object.entries(asObject(entry) ?? {}))
        if (counted !== null && !known.includes(inner)) found(NAME.test(inner) ? `${name}.${inner}` : `${name}.?`)
    }
  }
  return unknown ?? []
}
