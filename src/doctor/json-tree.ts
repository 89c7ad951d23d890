/** A member of a JSON object of unknown shape; undefined where there is none. */
export function member(of: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), of)
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value and all that is in it, objects alone, outermost first. */
export function* objectsIn(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  const waiting = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (isObject(next)) yield next
    if (typeof next === 'object' && next !== null) waiting.push(...Object.values(next).reverse())
  }
}
