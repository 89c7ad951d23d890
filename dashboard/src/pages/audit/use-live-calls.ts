import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { isBefore } from './call-pages.ts'
import {
  mayEnter,
  NOTHING_WAITS,
  pillText,
  type Waiting,
  waitingCount,
  withArrival,
  withoutErased,
  withoutListed,
  withSkipped,
} from './live-admission.ts'
import { followLive, type LiveState } from './live-stream.ts'
import type { CallList } from './use-call-pages.ts'

const LOOK_EVERY_MS = 1_000

interface LiveCalls {
  /** null: not live. */
  readonly state: LiveState | null
  /** Of the pill; null where nothing waits. */
  readonly waiting: string | null
  /** Calls that came since the list was read, whether they entered or wait. */
  readonly arrived: number
  /** Lets in what waits. */
  readonly enter: () => void
}

/**
 * Keeps `list` up to date with what comes while `isOn` and the tab is seen. New records enter by
 * themselves only where `isCalm()` says that they move nothing; changed ones are replaced in place.
 * @param query filters and fields, without a range
 */
export function useLiveCalls(
  query: URLSearchParams,
  {
    isOn,
    isCalm,
    list,
    readAgain,
  }: {
    isOn: boolean
    isCalm: () => boolean
    list: CallList
    /** Reads the list from now back. */
    readAgain: () => void
  },
): LiveCalls {
  const isSeen = useIsSeen()
  const [state, setState] = useState<LiveState>('connecting')
  const [, render] = useReducer((count: number) => count + 1, 0)
  const waiting = useRef<Waiting>(NOTHING_WAITS)
  const arrived = useRef(0)
  const latest = useRef({ list, isCalm })
  latest.current = { list, isCalm }
  const isFollowing = isOn && isSeen
  const key = query.toString()

  function wait(next: Waiting) {
    waiting.current = next
    render(undefined)
  }

  useEffect(() => {
    waiting.current = NOTHING_WAITS
    arrived.current = 0
  }, [key])
  // A list that was read again has what was left out, and some of what waits.
  useEffect(() => wait(withoutListed(waiting.current, list.records)), [list.atMs])

  useEffect(() => {
    if (!isFollowing) return
    const unfollow = followLive(query, {
      state: setState,
      knows: ({ requestId }) =>
        latest.current.list.records.some((one) => one.requestId === requestId) ||
        latest.current.list.records.length === 0,
      record(record) {
        const { list: shown } = latest.current
        if (shown.change(record)) return
        const oldest = shown.records.at(-1)
        // Late evidence of a call further down, which comes with its page.
        if (shown.hasOlder && oldest !== undefined && isBefore(oldest, record)) return
        arrived.current += waiting.current.held.has(record.requestId) ? 0 : 1
        // Shown with the next look: many may come at once.
        waiting.current = withArrival(waiting.current, record, Date.now())
      },
      erased(requestId) {
        latest.current.list.erase(requestId)
        wait(withoutErased(waiting.current, requestId))
      },
      skipped: (records) => wait(withSkipped(waiting.current, records)),
    })
    const timer = setInterval(() => {
      const { list: shown, isCalm: calm } = latest.current
      if (waitingCount(waiting.current) === 0 || shown.isStale) return
      const mayAll = mayEnter(waiting.current, { isCalm: calm(), nowMs: Date.now() })
      if (!mayAll || !shown.isAtNewest) return render(undefined)
      shown.admit(waiting.current.held.values())
      wait({ ...waiting.current, held: new Map() })
    }, LOOK_EVERY_MS)
    return () => {
      clearInterval(timer)
      unfollow()
    }
    // `key` names the query.
  }, [isFollowing, key])

  return {
    state: isFollowing ? state : null,
    waiting: pillText(waiting.current, Date.now()),
    arrived: arrived.current,
    enter() {
      if (waiting.current.dropped > 0 || !list.isAtNewest) readAgain()
      else list.admit(waiting.current.held.values())
      wait({ ...NOTHING_WAITS, arrivalsMs: waiting.current.arrivalsMs })
    },
  }
}

/** Whether the tab is the one that is looked at: a hidden one holds no connection. */
function useIsSeen(): boolean {
  const [isSeen, setSeen] = useState(!document.hidden)
  useEffect(() => {
    const look = () => setSeen(!document.hidden)
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return isSeen
}
