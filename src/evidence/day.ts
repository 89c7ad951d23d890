/** A day of UTC, which has no leap seconds in Unix time. */
export const DAY_MS = 86_400_000

/** `yyyy-mm-dd` in UTC. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}
