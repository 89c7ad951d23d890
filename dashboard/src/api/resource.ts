import { useEffect, useReducer, useRef } from 'preact/hooks'
import { useAskedAgain } from './asked-again.ts'
import { ApiError } from './request.ts'
import { FIRST_RETRY_MS, nextRetryMs } from './retry-wait.ts'

export interface Resource<T> {
  /** The last answer, also while a newer one is on its way or failed. */
  readonly data: T | undefined
  readonly error: ApiError | undefined
  readonly isLoading: boolean
  /** `data` answers an earlier question than the present one. */
  readonly isStale: boolean
  /** When `data` came; undefined before the first answer. */
  readonly atMs: number | undefined
  /** Asks again. */
  readonly retry: () => void
}

/**
 * What `load` answers to the question named by `key`; null asks nothing. A newer question cancels
 * the older one; while the API or its store is away it is asked again after 2, 4, 8 … 30 s.
 */
export function useResource<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const [, render] = useReducer((count: number) => count + 1, 0)
  const [attempt, again] = useReducer((count: number) => count + 1, 0)
  const kept = useRef<{ key?: string; data?: T; error?: ApiError; atMs?: number; done?: string }>(
    {},
  )
  const waitMs = useRef(FIRST_RETRY_MS)
  const asked = key === null ? null : `${attempt} ${key}`

  useEffect(() => {
    if (key === null || asked === null) return
    const cancelled = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    load(cancelled.signal).then(
      (data) => {
        if (cancelled.signal.aborted) return
        waitMs.current = FIRST_RETRY_MS
        kept.current = { key, data, atMs: Date.now(), done: asked }
        render(undefined)
      },
      (error: unknown) => {
        if (cancelled.signal.aborted) return
        if (!(error instanceof ApiError)) throw error
        const { error: _, ...earlier } = kept.current
        kept.current = { ...earlier, error, done: asked }
        if (error.isAway) {
          timer = setTimeout(() => again(undefined), waitMs.current)
          waitMs.current = nextRetryMs(waitMs.current)
        }
        render(undefined)
      },
    )
    return () => {
      cancelled.abort()
      clearTimeout(timer)
    }
    // `load` is the question that `key` names.
  }, [asked])

  useAskedAgain(kept.current.error, () => again(undefined))

  const { data, error, atMs, done, key: keyOfData } = kept.current
  const isDone = done === asked
  return {
    data,
    error: isDone ? error : undefined,
    isLoading: asked !== null && !isDone,
    isStale: data !== undefined && keyOfData !== key,
    atMs,
    retry: () => again(undefined),
  }
}
