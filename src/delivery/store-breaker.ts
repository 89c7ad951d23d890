/**
 * Whether ClickHouse is asked for anything but the oldest batch. Delivery retries that one without
 * end at growing pauses, so it is the probe; everything else this process asks of ClickHouse waits
 * until a batch was taken. Why not cockatiel's: docs/decisions/037.
 */
export interface StoreBreaker {
  /**
   * `isLasting`: by its code only time or an operator mends it. One such failure opens, of others
   * `PASSING_FAILURES` in a row.
   */
  failed(isLasting: boolean): void
  succeeded(): void
  isOpen(): boolean
  /** The same act, done only while the breaker is closed; resolves to null where it was not. */
  unlessOpen<T>(act: () => Promise<T>): () => Promise<T | null>
}

const PASSING_FAILURES = 3

export function createStoreBreaker(): StoreBreaker {
  let failuresInARow = 0
  let open = false
  return {
    failed(isLasting) {
      failuresInARow += 1
      if (isLasting || failuresInARow >= PASSING_FAILURES) open = true
    },
    succeeded() {
      failuresInARow = 0
      open = false
    },
    isOpen: () => open,
    unlessOpen: (act) => async () => (open ? null : act()),
  }
}
