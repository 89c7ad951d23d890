/** A number of tokens as a provider wrote it; null for anything that is not one. */
export function tokenCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/**
 * A length or duration as a provider wrote it, fractions allowed; null for anything that is not
 * one.
 */
export function amount(value: unknown): number | null {
  return typeof value === 'number' &&
    Number.isFinite(value) &&
    value >= 0 &&
    value <= Number.MAX_SAFE_INTEGER
    ? value
    : null
}

/** Null counts are unknown parts: they add nothing, and only unknown parts add up to unknown. */
export function addKnown(...counts: readonly (number | null)[]): number | null {
  let sum: number | null = null
  for (const count of counts) if (count !== null) sum = (sum ?? 0) + count
  return tokenCount(sum)
}

/** Null as soon as one part is unknown. */
export function addAll(...counts: readonly (number | null)[]): number | null {
  let sum = 0
  for (const count of counts) {
    if (count === null) return null
    sum += count
  }
  return tokenCount(sum)
}
