import { isListed, type Page, type RecordPart } from '../../api/answers.ts'
import { ApiError, apiUrl, get } from '../../api/request.ts'
import { withParameters } from './list-query.ts'

const FAILURES_BEFORE_POLLING = 3
const OPEN_AGAIN_AFTER_MS = 3_000
const POLL_EVERY_MS = 5_000
/** While it is asked for the newest, the stream is tried again with every so many answers. */
const LOOKS_BEFORE_STREAM = 3
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
 * row it asks for the newest every 5 s instead, and tries the stream again now and then. Returns what
 * ends it.
 */
export function followLive(query: URLSearchParams, listener: LiveListener): () => void {
  const ended = new AbortController()
  let source: EventSource | undefined
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const isPolling = () => failures >= FAILURES_BEFORE_POLLING

  function open() {
    source?.close()
    const opened = new EventSource(apiUrl('/audit/live', query))
    source = opened
    let isJoined = false
    function on<T>(name: string, act: (data: T) => void) {
      opened.addEventListener(name, (event) => act(JSON.parse((event as MessageEvent).data)))
    }
    on('record', listener.record)
    on<{ requestId: string }>('erased', ({ requestId }) => listener.erased(requestId))
    on<{ records: number }>('skipped', ({ records }) => listener.skipped(records))
    on('unavailable', () => listener.state('away'))
    on('ping', () => {
      clearTimeout(timer)
      failures = 0
      listener.state('streaming')
      if (isJoined) return
      isJoined = true
      // What came between the list and the stream.
      void look(query, listener, ended.signal)
    })
    // It will not be let in again as it is: the next request says why.
    on('ended', () => failed(FAILURES_BEFORE_POLLING))
    opened.addEventListener('error', () => failed(failures + 1))
  }

  function failed(count: number) {
    const wasPolling = isPolling()
    failures = Math.max(failures, count)
    if (isPolling()) {
      source?.close()
      if (!wasPolling) poll(0)
    } else {
      listener.state('connecting')
      // The browser opens a stream again that broke, and not one that was refused.
      if (source?.readyState === EventSource.CLOSED) again(open, OPEN_AGAIN_AFTER_MS)
    }
  }

  function poll(looks: number) {
    listener.state('polling')
    again(async () => {
      const isAnswered = await look(query, listener, ended.signal)
      if (ended.signal.aborted || !isPolling()) return
      poll(looks + 1)
      if (!isAnswered) listener.state('away')
      else if ((looks + 1) % LOOKS_BEFORE_STREAM === 0) open()
    }, POLL_EVERY_MS)
  }

  function again(act: () => unknown, afterMs: number) {
    clearTimeout(timer)
    timer = setTimeout(act, afterMs)
  }

  listener.state('connecting')
  open()
  return () => {
    ended.abort()
    clearTimeout(timer)
    source?.close()
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
