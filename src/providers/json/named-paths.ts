/**
 * Paths under names of their own; a group of paths has names within it, a list is read in order.
 */
interface PathTree {
  readonly [name: string]: string | readonly string[] | PathTree
}

/** The same tree with the slot of each path in the place of the path. */
type Slots<T> = {
  readonly [Name in keyof T]: T[Name] extends string
    ? number
    : T[Name] extends readonly string[]
      ? readonly number[]
      : Slots<T[Name]>
}

/** Wanted paths, and the slot of each by its name. */
interface NamedPaths<T extends PathTree> {
  /** As `jsonPaths` takes them. */
  readonly list: readonly string[]
  readonly at: Slots<T>
}

/**
 * Numbers paths once, when a format is made, so that no file counts slots by hand.
 *
 * @example
 * const paths = namedPaths({ model: 'model', wrapped: { model: 'response.model' }, containers:
 * ['container.id', 'message.container.id'] }) paths.list // ['model', 'response.model',
 * 'container.id', 'message.container.id'] paths.at // { model: 0, wrapped: { model: 1 },
 * containers: [2, 3] }
 */
export function namedPaths<const T extends PathTree>(tree: T): NamedPaths<T> {
  const list: string[] = []
  const slotOf = (path: string) => list.push(path) - 1
  const number = (node: PathTree): object =>
    Object.fromEntries(
      Object.entries(node).map(([name, member]) => [
        name,
        typeof member === 'string'
          ? slotOf(member)
          : isList(member)
            ? member.map(slotOf)
            : number(member),
      ]),
    )
  return { list, at: number(tree) as Slots<T> }
}

/**
 * The same paths inside an object: `within('response', { id: 'id' })` is `{ id: 'response.id' }`.
 */
export function within<const T extends Readonly<Record<string, string>>>(
  holder: string,
  paths: T,
): { readonly [Name in keyof T]: string } {
  return Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [name, `${holder}.${path}`]),
  ) as { [Name in keyof T]: string }
}

function isList(member: readonly string[] | PathTree): member is readonly string[] {
  return Array.isArray(member)
}
