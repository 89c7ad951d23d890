/** What is away is asked again after 2, 4, 8 … 30 s. */
export const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 30_000

/** The wait after one of `ms` that brought no answer. */
export function nextRetryMs(ms: number): number {
  return Math.min(ms * 2, LONGEST_RETRY_MS)
}
