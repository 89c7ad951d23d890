import type { RecordPart } from '../../api/answers.ts'

/** One page of the API, newest record first, with the cursors to its neighbours. */
export interface CallPage {
  readonly records: readonly RecordPart[]
  readonly older: string | null
  readonly newer: string | null
}

/** What is loaded of a list: pages that follow each other, the newest first. */
export type CallPages = readonly CallPage[]

const MOST_LOADED = 5_000

export function recordsOf(pages: CallPages): readonly RecordPart[] {
  return pages.flatMap(({ records }) => records)
}

/** Adds the page that follows; the newest pages leave while more than `most` records are loaded. */
export function withOlder(pages: CallPages, page: CallPage, most = MOST_LOADED): CallPages {
  return without('newest', [...pages, unseen(page, pages)], most)
}

/** Adds the page before; the oldest pages leave. */
export function withNewer(pages: CallPages, page: CallPage, most = MOST_LOADED): CallPages {
  return without('oldest', [unseen(page, pages), ...pages], most)
}

/** A record may have been let in live before its page came. */
function unseen(page: CallPage, pages: CallPages): CallPage {
  const known = new Set(recordsOf(pages).map(({ requestId }) => requestId))
  return { ...page, records: page.records.filter(({ requestId }) => !known.has(requestId)) }
}

function without(which: 'newest' | 'oldest', pages: CallPages, most: number): CallPages {
  let kept = pages
  let loaded = recordsOf(pages).length
  while (loaded > most && kept.length > 1) {
    loaded -= kept.at(which === 'newest' ? 0 : -1)?.records.length ?? 0
    kept = which === 'newest' ? kept.slice(1) : kept.slice(0, -1)
  }
  return kept
}

/** The list's order: newest first, then by id. */
export function isBefore(one: RecordPart, other: RecordPart): boolean {
  const [ms, otherMs] = [Date.parse(one.createdAt), Date.parse(other.createdAt)]
  return ms === otherMs ? one.requestId > other.requestId : ms > otherMs
}

/** The list with a record in its new state in place; the same list where it is not loaded. */
export function withChanged(pages: CallPages, record: RecordPart): CallPages {
  const { requestId } = record
  const at = pages.findIndex(({ records }) => records.some((one) => one.requestId === requestId))
  const page = pages[at]
  if (page === undefined) return pages
  const records = page.records.map((one) => (one.requestId === requestId ? record : one))
  return pages.with(at, { ...page, records })
}

/**
 * The list with a new record at its place. The same list where that place is not loaded: older than
 * the last page, or newer than a first page that is not the newest.
 */
export function withNew(pages: CallPages, record: RecordPart): CallPages {
  const found = pages.findIndex(({ records, older }) => {
    const last = records.at(-1)
    return older === null || (last !== undefined && isBefore(record, last))
  })
  const page = pages[found]
  const top = pages[0]?.records[0]
  if (page === undefined) return pages
  if (pages[0]?.newer !== null && (top === undefined || isBefore(record, top))) return pages
  const at = page.records.findIndex((one) => isBefore(record, one))
  const records = page.records.toSpliced(at === -1 ? page.records.length : at, 0, record)
  return pages.with(found, { ...page, records })
}

/**
 * What stays of a list that new calls entered: its oldest pages leave. Null where the newest page is
 * too long by itself: nothing leads on from its middle, so it must be asked for anew.
 */
export function withinLimit(pages: CallPages, most = MOST_LOADED): CallPages | null {
  const kept = without('oldest', pages, most)
  return recordsOf(kept).length > most ? null : kept
}

export function withoutRecord(pages: CallPages, requestId: string): CallPages {
  const at = pages.findIndex(({ records }) => records.some((one) => one.requestId === requestId))
  const page = pages[at]
  if (page === undefined) return pages
  return pages.with(at, {
    ...page,
    records: page.records.filter((one) => one.requestId !== requestId),
  })
}
