import { isListed, type Page, type RecordPart } from '../../api/answers.ts'
import { ApiError, apiUrl, get } from '../../api/request.ts'
import { withParameters } from './list-query.ts'

const FAILURES_BEFORE_POLLING = 3
const POLL_EVERY_MS = 5_000
const LOOKED_AT = '100'

/** How rows come: `connecting`, `streaming`, by `polling`, or not, because the store is `away`. */
export type LiveState = 'connecting' | 'streaming' | 'polling' | 'away'

export interface LiveListener {
  readonly record: (record: RecordPart) => void
  /** Whether the list has it, in whatever state. */
  readonly knows: (record: RecordPart) => boolean
  readonly erased: (requestId: string) => void
  /** So many records were left out: the list has them. */
  readonly skipped: (records: number) => void
  readonly state: (state: LiveState) => void
}

/**
 * Follows the records that `query` (filters and fields, no range) meets. After three failures in a
 * row it asks for the newest every 5 s instead. Returns what ends it.
 */
export function followLive(query: URLSearchParams, listener: LiveListener): () => void {
  const ended = new AbortController()
  const source = new EventSource(apiUrl('/audit/live', query))
  let failures = 0
  let isJoined = false
  listener.state('connecting')

  function on<T>(name: string, act: (data: T) => void) {
    source.addEventListener(name, (event) => act(JSON.parse((event as MessageEvent).data)))
  }
  on('record', listener.record)
  on<{ requestId: string }>('erased', ({ requestId }) => listener.erased(requestId))
  on<{ records: number }>('skipped', ({ records }) => listener.skipped(records))
  on('unavailable', () => listener.state('away'))
  on('ping', () => {
    failures = 0
    listener.state('streaming')
    if (isJoined) return
    isJoined = true
    // What came between the list and the stream.
    void look(query, listener, ended.signal)
  })
  // It will not be let in again as it is: the next request says why.
  on('ended', () => poll())
  source.addEventListener('error', () => {
    failures += 1
    // A stream that is refused is closed for good.
    if (failures >= FAILURES_BEFORE_POLLING || source.readyState === EventSource.CLOSED) poll()
    else listener.state('connecting')
  })

  function poll() {
    source.close()
    if (ended.signal.aborted) return
    listener.state('polling')
    const timer = setInterval(async () => {
      const isAnswered = await look(query, listener, ended.signal)
      if (!ended.signal.aborted) listener.state(isAnswered ? 'polling' : 'away')
    }, POLL_EVERY_MS)
    ended.signal.addEventListener('abort', () => clearInterval(timer))
  }
  return () => {
    ended.abort()
    source.close()
  }
}

/** Reads the newest records once; false where no answer came. */
async function look(
  query: URLSearchParams,
  listener: LiveListener,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { records } = await get<Page>(
      '/audit',
      withParameters(query, { limit: LOOKED_AT }),
      signal,
    )
    const listed = records.filter(isListed)
    const isGap = listed.length === Number(LOOKED_AT) && !listed.some(listener.knows)
    if (isGap) listener.skipped(1)
    else for (const record of listed.toReversed()) listener.record(record)
    return true
  } catch (error) {
    if (!(signal.aborted || error instanceof ApiError)) throw error
    return false
  }
}
