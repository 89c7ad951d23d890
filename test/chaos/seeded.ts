/**
 * The same seed is the same schedule and the same calls: the one generator the parsers' mutations
 * use too.
 */
export { seededRandom as seeded } from '../../src/providers/fixtures/mutations.ts'

export function pick<T>(random: () => number, list: readonly [T, ...T[]]): T {
  return list[Math.floor(random() * list.length)] ?? list[0]
}
