const COLOURS = 6
/** Of what has no colour of its own. */
export const OTHER_COLOUR = '--series-other'

/**
 * Custom properties of the colours of `keys`, most important first, by key. A key that has a colour
 * in `earlier` keeps it; else its text decides, and the next free one where another key has that.
 * More keys than colours: the last ones are grey.
 */
export function seriesColours(
  keys: readonly string[],
  earlier: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  const taken = new Set<string>()
  const give = (key: string, colour: string) => {
    given.set(key, colour)
    taken.add(colour)
  }
  for (const key of keys) {
    const kept = earlier.get(key)
    if (kept !== undefined && kept !== OTHER_COLOUR && !taken.has(kept)) give(key, kept)
  }
  for (const key of keys) {
    if (given.has(key)) continue
    const first = hash(key)
    const free = Array.from(
      { length: COLOURS },
      (_, n) => `--series-${((first + n) % COLOURS) + 1}`,
    )
    const colour = free.find((candidate) => !taken.has(candidate))
    if (colour === undefined) given.set(key, OTHER_COLOUR)
    else give(key, colour)
  }
  return given
}

/** FNV-1a of 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let n = 0; n < text.length; n += 1)
    value = Math.imul(value ^ text.charCodeAt(n), 0x01000193) >>> 0
  return value
}
