import type { Page } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { nowMs, rangeOf, rangeQuery } from '../../state/range.ts'
import { useQuery } from '../../state/url.ts'
import { listFilters } from './call-links.ts'

export interface Neighbours {
  /** The row above in the list; null: this is the first, or not known yet. */
  readonly previous: string | null
  readonly next: string | null
}

const NONE: Neighbours = { previous: null, next: null }

/**
 * The calls beside this one in the list that the URL has the filters and the range of; without
 * either, among all calls.
 */
export function useNeighbours(id: string): Neighbours {
  const { query } = useQuery()
  const list = listFilters(query)
  if (['last', 'from', 'to'].some((name) => query.has(name))) {
    const { from, to } = rangeQuery(rangeOf(query, nowMs.value))
    list.set('from', from)
    list.set('to', to)
  }
  list.set('around', id)
  list.set('fields', 'requestId')
  // One before, one after.
  list.set('limit', '3')
  const { data } = useResource(`${list}`, (signal) => get<Page>('/audit', list, signal))
  if (data === undefined) return NONE
  const ids = data.records.map(({ requestId }) => requestId)
  const at = ids.indexOf(id)
  if (at === -1) return NONE
  return { previous: ids[at - 1] ?? null, next: ids[at + 1] ?? null }
}
