import { useEffect, useReducer, useRef } from 'preact/hooks'
import { isListed, type Page, type RecordPart } from '../../api/answers.ts'
import { useAskedAgain } from '../../api/asked-again.ts'
import { ApiError, get } from '../../api/request.ts'
import { FIRST_RETRY_MS, nextRetryMs } from '../../api/retry-wait.ts'
import {
  type CallPage,
  type CallPages,
  recordsOf,
  withChanged,
  withinLimit,
  withNew,
  withNewer,
  withOlder,
  withoutRecord,
} from './call-pages.ts'
import { withParameters } from './list-query.ts'

const FIRST_PAGE = 100
const NEXT_PAGE = 250

interface State {
  /** The question that `pages` answer. */
  key: string
  pages: CallPages
  error: ApiError | undefined
  /** Which page is on its way. */
  loading: 'first' | 'older' | 'newer' | null
  atMs: number | undefined
}

/** A list of calls, page by page. */
export interface CallList {
  /** Of the last answer, also while that of a newer question is on its way. */
  readonly pages: CallPages
  readonly records: readonly RecordPart[]
  readonly isLoading: boolean
  /** The records answer an earlier question, or are not there yet. */
  readonly isStale: boolean
  readonly isReady: boolean
  readonly error: ApiError | undefined
  /** When its first page was read. */
  readonly atMs: number | undefined
  readonly isAtNewest: boolean
  readonly hasOlder: boolean
  readonly loadOlder: () => void
  readonly loadNewer: () => void
  readonly reload: () => void
  /** A record that is in the list takes its new state; false where it is not there. */
  readonly change: (record: RecordPart) => boolean
  readonly admit: (records: Iterable<RecordPart>) => void
  readonly erase: (requestId: string) => void
}

/** The last list that was shown: Back finds it as it was left. */
let last: { readonly key: string; readonly pages: CallPages } | null = null

/**
 * The list that `query` names (filters, range and fields), from its newest record on or around the
 * record `around`. A newer question cancels the older one; while the store is away it is asked again.
 */
export function useCallPages(query: URLSearchParams, around: string | null): CallList {
  const key = `${query} ${around ?? ''}`
  const [, render] = useReducer((count: number) => count + 1, 0)
  const [attempt, reload] = useReducer((count: number) => count + 1, 0)
  const running = useRef(new AbortController())
  const waitMs = useRef(FIRST_RETRY_MS)
  const { current: state } = useRef<State>({
    ...{ key: '', pages: [], error: undefined, loading: null, atMs: undefined },
  })

  function show(changes: Partial<State>) {
    Object.assign(state, changes)
    if (changes.pages !== undefined) last = { key: state.key, pages: state.pages }
    render(undefined)
  }

  async function load(which: 'first' | 'older' | 'newer', parameters: Record<string, string>) {
    running.current.abort()
    running.current = new AbortController()
    const { signal } = running.current
    show({ loading: which, error: undefined })
    try {
      const asked = withParameters(query, parameters)
      const page = pageOf(await get<Page>('/audit', asked, signal))
      if (signal.aborted) return
      waitMs.current = FIRST_RETRY_MS
      const shown = { key, error: undefined, loading: null }
      if (which === 'first') show({ ...shown, pages: [page], atMs: Date.now() })
      if (which === 'older') show({ ...shown, pages: withOlder(state.pages, page) })
      if (which === 'newer') show({ ...shown, pages: withNewer(state.pages, page) })
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      // The filters do not choose the record any more: the list is shown from its start.
      if (error.status === 404 && parameters['around'] !== undefined)
        return load('first', { limit: String(FIRST_PAGE) })
      show({ loading: null, error })
    }
  }

  useEffect(() => {
    if (attempt === 0 && last?.key === key) {
      Object.assign(state, { ...last, atMs: Date.now() })
      render(undefined)
      return
    }
    const limit = String(FIRST_PAGE)
    void load('first', around === null ? { limit } : { limit, around })
    return () => running.current.abort()
    // `key` names the query.
  }, [key, attempt])

  const isAway = state.error?.isAway === true
  useEffect(() => {
    if (!isAway) return
    const timer = setTimeout(() => reload(undefined), waitMs.current)
    waitMs.current = nextRetryMs(waitMs.current)
    return () => clearTimeout(timer)
  }, [isAway, state.error])

  useAskedAgain(state.error, () => reload(undefined))

  const { pages, loading } = state
  const isOfKey = state.key === key
  const more = (which: 'older' | 'newer', cursor: string | null | undefined) => {
    if (cursor == null || loading !== null || state.error !== undefined || !isOfKey) return
    void load(which, { limit: String(NEXT_PAGE), cursor })
  }
  return {
    pages,
    records: recordsOf(pages),
    isLoading: loading !== null,
    isStale: !isOfKey,
    isReady: state.key !== '',
    error: state.error,
    atMs: state.atMs,
    isAtNewest: isOfKey && pages[0]?.newer === null,
    hasOlder: pages.at(-1)?.older != null,
    loadOlder: () => more('older', pages.at(-1)?.older),
    loadNewer: () => more('newer', pages[0]?.newer),
    reload: () => reload(undefined),
    change(record) {
      const known = recordsOf(state.pages).find(({ requestId }) => requestId === record.requestId)
      if (known === undefined) return false
      const isSame = JSON.stringify(known) === JSON.stringify(record)
      if (!isSame) show({ pages: withChanged(state.pages, record) })
      return true
    },
    admit(records) {
      let { pages: admitted } = state
      for (const record of records) admitted = withNew(admitted, record)
      const kept = withinLimit(admitted)
      show({ pages: kept ?? admitted })
      if (kept === null) reload(undefined)
    },
    erase(requestId) {
      show({ pages: withoutRecord(state.pages, requestId) })
    },
  }
}

function pageOf({ records, nextCursor, prevCursor }: Page): CallPage {
  return { records: records.filter(isListed), older: nextCursor, newer: prevCursor }
}
