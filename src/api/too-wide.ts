import { FlintError } from '../errors.ts'
import { StoreError } from '../store/client/store-error.ts'

/** TIMEOUT_EXCEEDED, and what is expected to exceed it. */
const TIME_IS_OVER: readonly (number | null)[] = [159, 160]

/** What was asked, or 503 `too_wide` where it took the store longer than it may. */
export async function orTooWide<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (isTooWide(error))
      throw new FlintError(
        'audit_unavailable',
        'This reaches over more records than can be read in time: ask for a shorter range.',
        { reason: 'too_wide', cause: error },
      )
    throw error
  }
}

export function isTooWide(error: unknown): boolean {
  return error instanceof StoreError && TIME_IS_OVER.includes(error.code)
}
