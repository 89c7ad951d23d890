import { asObject, type JsonObject } from '../json/text.ts'
import { amount, tokenCount } from './token-count.ts'

/** The members of a usage object that Flint reads or knows to be parts of what it reads. */
export interface KnownMembers {
  readonly names: ReadonlySet<string>
  /** Objects, or lists of objects, and the names within. */
  readonly within: ReadonlyMap<string, ReadonlySet<string>>
}

/** Called with each member that says something and is not known. */
type OnUnknown = (path: string, value: unknown) => void

/** Usage objects have a dozen members; a hostile one may not fill the counters. */
const MAX_UNKNOWN = 16
/** A provider's member names are plain identifiers. */
const NAME = /^\w{1,64}$/
/** Members that are numbers: anything else there is a number that was not read. */
const COUNT = /(tokens|token_?count|seconds|requests)$/i
const NONE: readonly string[] = []
/** Nothing that counts is nested deeper. */
const MAX_DEPTH = 4

export function knownMembers(
  names: readonly string[],
  within: Readonly<Record<string, readonly string[]>>,
): KnownMembers {
  return {
    names: new Set(names),
    within: new Map(Object.entries(within).map(([name, inner]) => [name, new Set(inner)])),
  }
}

/**
 * Paths of the members that say something and are not known: a provider counts something new. Asked
 * for each call.
 */
export function unknownMembers(usage: JsonObject, known: KnownMembers): readonly string[] {
  return paths(usage, known, () => true)
}

/** Those of them that may be on the bill: a member that is zero, or text, counts nothing. */
export function unreadMembers(usage: JsonObject, known: KnownMembers): readonly string[] {
  return paths(usage, known, countsSomething)
}

function paths(
  usage: JsonObject,
  known: KnownMembers,
  isWanted: (value: unknown) => boolean,
): readonly string[] {
  let found: Set<string> | null = null
  eachUnknown(usage, known, (path, value) => {
    if (!isWanted(value)) return
    found ??= new Set()
    if (found.size < MAX_UNKNOWN) found.add(path)
  })
  return found === null ? NONE : [...found]
}

function eachUnknown(
  usage: JsonObject,
  { names, within }: KnownMembers,
  onUnknown: OnUnknown,
): void {
  for (const name in usage) {
    const value = usage[name]
    if (value === null || (names.has(name) && isReadable(name, value))) continue
    const known = within.get(name)
    if (known === undefined) onUnknown(NAME.test(name) ? name : '?', value)
    else if (!Array.isArray(value)) eachUnknownWithin(name, asObject(value), known, onUnknown)
    else for (const entry of value) eachUnknownWithin(name, asObject(entry), known, onUnknown)
  }
}

function eachUnknownWithin(
  name: string,
  object: JsonObject | null,
  known: ReadonlySet<string>,
  onUnknown: OnUnknown,
): void {
  for (const inner in object) {
    const value = object?.[inner]
    if (value === null || (known.has(inner) && isReadable(inner, value))) continue
    onUnknown(NAME.test(inner) ? `${name}.${inner}` : `${name}.?`, value)
  }
}

function isReadable(name: string, value: unknown): boolean {
  if ((typeof value !== 'number' && typeof value !== 'string') || !COUNT.test(name)) return true
  return (/seconds$/i.test(name) ? amount(value) : tokenCount(value)) !== null
}

function countsSomething(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return Number(value) > 0
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return false
  return Object.values(value).some((inner) => countsSomething(inner, depth + 1))
}
