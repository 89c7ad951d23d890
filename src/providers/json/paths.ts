import { BACKSLASH } from './bytes.ts'

/** No wanted name is longer, also not with every character escaped. */
export const MAX_KEY_BYTES = 512

/** One place in a JSON document: what may be wanted of it, or of what it holds. */
export interface PathNode {
  /** Number of the wanted value, or -1 where only something deeper is wanted. */
  slot: number
  /**
   * Number of the string whose text is wanted as it comes, or -1; unlike with a value, what another
   * kind of value holds may be wanted too.
   */
  text: number
  /** Number of the object whose begin and end are reported, or -1. */
  group: number
  readonly members: PathMember[]
  /** What is wanted of each element, where this is an array. */
  items: PathNode | null
}

interface PathMember {
  readonly name: string
  /** UTF-8 of the name: keys are compared as bytes. */
  readonly bytes: Buffer
  readonly node: PathNode
}

/**
 * The wanted values of a document, compiled; the slot of a value is its index in the list it was
 * made from.
 */
export interface JsonPaths {
  readonly root: PathNode
  readonly slots: number
}

/** What is wanted besides values; the number of a text or group is its index in its list. */
export interface TextualPaths {
  /** Strings whose decoded text is handed out piece by piece, however long they are. */
  readonly texts: readonly string[]
  /** Objects whose begin and end are reported, so that their contents can be kept apart. */
  readonly groups: readonly string[]
}

/**
 * Compiles paths such as `usage`, `message.model` or `choices[].finish_reason`. A path that ends at
 * an object or array wants it whole; nothing below a wanted value can be wanted again.
 */
export function jsonPaths(
  paths: readonly string[],
  { texts, groups }: TextualPaths = { texts: [], groups: [] },
): JsonPaths {
  const root = createNode()
  for (const [slot, path] of paths.entries()) nodeAt(root, path).slot = slot
  for (const [text, path] of texts.entries()) nodeAt(root, path).text = text
  for (const [group, path] of groups.entries()) nodeAt(root, path).group = group
  return { root, slots: paths.length }
}

function nodeAt(root: PathNode, path: string): PathNode {
  let node = root
  for (const step of path.split('.')) {
    const isArray = step.endsWith('[]')
    node = memberNode(node, isArray ? step.slice(0, -2) : step)
    if (isArray) {
      node.items ??= createNode()
      node = node.items
    }
  }
  return node
}

function memberNode(node: PathNode, name: string): PathNode {
  const known = node.members.find((member) => member.name === name)
  if (known) return known.node
  const created = createNode()
  node.members.push({ name, bytes: Buffer.from(name), node: created })
  return created
}

function createNode(): PathNode {
  return { slot: -1, text: -1, group: -1, members: [], items: null }
}

/**
 * What is wanted of the member whose name, as it stands between its quotes, is these bytes; null
 * for nothing.
 */
export function wantedMember(
  holder: PathNode,
  bytes: Buffer,
  start: number,
  end: number,
): PathNode | null {
  const length = end - start
  for (const { bytes: name, node } of holder.members) {
    if (name.length !== length) continue
    let same = 0
    while (same < length && name[same] === bytes[start + same]) same++
    if (same === length) return node
  }
  if (length > MAX_KEY_BYTES) return null
  for (let at = start; at < end; at++)
    if (bytes[at] === BACKSLASH) return escapedMember(holder, bytes.toString('utf8', start, end))
  return null
}

/** A name may be written with escapes (`"mod\u0065l"`): rare, but the same name. */
function escapedMember(holder: PathNode, escaped: string): PathNode | null {
  try {
    const name: unknown = JSON.parse(`"${escaped}"`)
    return holder.members.find((member) => member.name === name)?.node ?? null
  } catch {
    return null
  }
}
