import { FlintError } from '../errors.ts'
import { StoreError } from '../store/client/store-error.ts'

/** ClickHouse's TIMEOUT_EXCEEDED, of a statement with `max_execution_time`. */
const TIMEOUT_EXCEEDED = 159

/** The answer, or 503 `too_wide` where the store stopped reading because it took too long. */
export async function unlessTooWide<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof StoreError && error.code === TIMEOUT_EXCEEDED)
      throw new FlintError(
        'audit_unavailable',
        'This takes longer than 5 seconds to read: ask for a shorter range, or with fewer filters.',
        { reason: 'too_wide', cause: error },
      )
    throw error
  }
}
