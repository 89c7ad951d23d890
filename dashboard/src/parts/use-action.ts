import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api/request.ts'

export interface Action {
  readonly isBusy: boolean
  /** Why the last attempt failed; undefined while there is another. */
  readonly error: ApiError | undefined
  /** Does `work` unless something is being done already. Resolves to whether it succeeded. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
}

/** Something that a button does at the API: one at a time, its failure kept to be shown. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError>()
  const isRunning = useRef(false)
  const isHere = useRef(true)
  useEffect(
    () => () => {
      isHere.current = false
    },
    [],
  )

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (isRunning.current) return false
    isRunning.current = true
    setBusy(true)
    setError(undefined)
    try {
      await work()
      return true
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      if (isHere.current) setError(failure)
      return false
    } finally {
      isRunning.current = false
      if (isHere.current) setBusy(false)
    }
  }
  return { isBusy, error, run }
}
