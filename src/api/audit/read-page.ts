import { FlintError } from '../../errors.ts'
import type { Position } from '../../store/calls/call-filter.ts'
import type { CallQueries } from '../../store/calls/call-queries.ts'
import type { CallRecord } from '../../store/calls/call-row.ts'
import { matchesFilter } from '../../store/calls/matches-filter.ts'
import { orTooWide } from '../too-wide.ts'
import type { ListOrder } from './list-cursor.ts'
import type { PageRequest } from './list-query.ts'

interface Page {
  readonly records: readonly CallRecord[]
  /** The row after which the next page begins; null on the last page. */
  readonly next: Position | null
  /** The row before which the page before ends; null on the first page. */
  readonly prev: Position | null
}

/** Reads the page of a request. Throws not_found where `around` names no record of the list. */
export async function readPage(
  calls: CallQueries,
  org: string,
  { filter, order, limit, place }: PageRequest,
): Promise<Page> {
  /** Away from a row, the nearest first; one more than wanted shows whether there are more. */
  const walk = async (wanted: number, from: Position | null, back: boolean): Promise<Stretch> => {
    const direction = back ? OPPOSITE[order] : order
    const position = from === null ? {} : direction === 'desc' ? { before: from } : { after: from }
    const query = { org, ...filter, order: direction, ...position }
    const found = await orTooWide(calls.listCalls({ ...query, limit: wanted + 1 }))
    return { rows: found.slice(0, wanted), hasMore: found.length > wanted }
  }

  if (place === 'beginning') {
    const { rows, hasMore } = await walk(limit, null, false)
    return pageOf(rows, { hasNext: hasMore, hasPrev: false })
  }
  if ('around' in place) {
    const record = await calls.findCall({ org, requestId: place.around })
    if (record === null || record === 'in_progress' || !matchesFilter(record, filter))
      throw new FlintError('not_found', 'The list has no record with the id in "around".')
    const earlier = await walk(Math.floor((limit - 1) / 2), positionOf(record), true)
    const later = await walk(limit - 1 - earlier.rows.length, positionOf(record), false)
    return pageOf([...earlier.rows.toReversed(), record, ...later.rows], {
      hasNext: later.hasMore,
      hasPrev: earlier.hasMore,
    })
  }
  const { beside, back } = place
  const { rows, hasMore } = await walk(limit, beside, back)
  if (rows.length === 0) {
    // What followed was erased meanwhile: the way back begins with that row, and must not skip it.
    const including = back ? fromRow(beside, order) : fromRow(beside, OPPOSITE[order])
    return { records: [], next: back ? including : null, prev: back ? null : including }
  }
  return back
    ? pageOf(rows.toReversed(), { hasNext: true, hasPrev: hasMore })
    : pageOf(rows, { hasNext: hasMore, hasPrev: true })
}

interface Stretch {
  readonly rows: readonly CallRecord[]
  readonly hasMore: boolean
}

const OPPOSITE: Readonly<Record<ListOrder, ListOrder>> = { asc: 'desc', desc: 'asc' }

function pageOf(
  records: readonly CallRecord[],
  { hasNext, hasPrev }: { hasNext: boolean; hasPrev: boolean },
): Page {
  const [first, last] = [records.at(0), records.at(-1)]
  return {
    records,
    next: hasNext && last !== undefined ? positionOf(last) : null,
    prev: hasPrev && first !== undefined ? positionOf(first) : null,
  }
}

function positionOf({ createdAt, requestId }: CallRecord): Position {
  return { createdAtMs: Date.parse(createdAt), recordId: requestId }
}

/** A position from which a walk in this direction begins with all rows of that millisecond. */
function fromRow({ createdAtMs }: Position, direction: ListOrder): Position {
  return direction === 'desc'
    ? { createdAtMs: createdAtMs + 1, recordId: '00000000-0000-0000-0000-000000000000' }
    : { createdAtMs: createdAtMs - 1, recordId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
}
