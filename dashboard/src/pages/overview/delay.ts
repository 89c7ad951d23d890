import type { System } from '../../api/answers.ts'

const AMBER_MS = 10_000
const BANNER_MS = 60_000

export type Delay =
  | { readonly kind: 'fresh' | 'quiet' }
  | { readonly kind: 'behind'; readonly sinceMs: number; readonly isLong: boolean }

/**
 * Whether records are missing that exist: `quiet` where the newest one is old because no call came
 * since. Without a backlog to look at (`null`: it may not be seen here), old is behind.
 */
export function delayOf({
  untilMs,
  atMs,
  isPast,
  backlog,
}: {
  untilMs: number | null
  atMs: number | undefined
  /** The range ends before `untilMs`. */
  isPast: boolean
  /** undefined: not asked yet. */
  backlog: System['backlog'] | undefined
}): Delay {
  if (untilMs === null || atMs === undefined || isPast || atMs - untilMs <= AMBER_MS)
    return { kind: 'fresh' }
  if (backlog === undefined) return { kind: 'fresh' }
  if (backlog === null) return { kind: 'behind', sinceMs: untilMs, isLong: false }
  const oldestMs = backlog.oldestEvidenceAt === null ? null : Date.parse(backlog.oldestEvidenceAt)
  if (oldestMs === null || atMs - oldestMs <= AMBER_MS) return { kind: 'quiet' }
  return { kind: 'behind', sinceMs: oldestMs, isLong: atMs - oldestMs > BANNER_MS }
}
