import { useEffect, useRef } from 'preact/hooks'
import { away } from './installation.ts'
import type { ApiError } from './request.ts'
import { session } from './session.ts'

/** Calls `again` when what `error` came of is over: what was away is back, or one is signed in again. */
export function useAskedAgain(error: ApiError | undefined, again: () => void): void {
  const isAway = away.value !== null
  const isSignedIn = session.value?.signedIn === true
  const current = useRef({ error, again })
  current.current = { error, again }
  useEffect(() => {
    const { error: failure, again: ask } = current.current
    if ((failure?.isAway && !isAway) || (failure?.status === 401 && isSignedIn)) ask()
  }, [isAway, isSignedIn])
}
