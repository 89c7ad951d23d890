import { useMemo } from 'preact/hooks'
import { useKeyNames } from '../../api/key-names.ts'
import { nowMs, type Range, rangeOf } from '../../state/range.ts'
import { useQuery } from '../../state/url.ts'
import { zoneOf } from '../../state/zone.ts'
import { type CellContext, type Column, fieldsOf } from './columns.ts'
import { columnsOf } from './columns-in-url.ts'
import { type Filter, filtersOf } from './filter-text.ts'
import { filterQuery, rangedQuery, soundFilters, withParameters } from './list-query.ts'

/** What the URL of the page asks for. */
export interface AuditQuery {
  readonly range: Range
  readonly timeZone: string
  /** All of the URL, those that are not understood too. */
  readonly filters: readonly Filter[]
  /** Those that the API takes. */
  readonly sound: readonly Filter[]
  readonly columns: readonly Column[]
  readonly fields: readonly string[]
  readonly context: CellContext
  readonly openId: string | null
  readonly around: string | null
  readonly isLive: boolean
  /** Of the list, without a cursor. */
  readonly listQuery: URLSearchParams
  /** Of the stream: from the start of the range on. */
  readonly liveQuery: URLSearchParams
}

export function useAuditQuery(): AuditQuery {
  const { query } = useQuery()
  const timeZone = zoneOf(query)
  const now = nowMs.value
  const keyNames = useKeyNames()

  const context = useMemo(() => ({ timeZone, keyNames: keyNames ?? {} }), [timeZone, keyNames])
  return useMemo(() => {
    const range = rangeOf(query, now)
    const columns = columnsOf(query)
    const sound = soundFilters(query)
    const fields = fieldsOf(columns)
    const shown = { fields: fields.join(',') }
    const from = new Date(range.fromMs).toISOString()
    return {
      ...{ range, timeZone, sound, columns, fields, context },
      filters: filtersOf(query),
      openId: query.get('call'),
      around: query.get('around'),
      isLive: range.last !== null && query.get('live') !== 'off',
      listQuery: withParameters(rangedQuery(sound, range, timeZone), shown),
      liveQuery: withParameters(filterQuery(sound, timeZone), { ...shown, from }),
    }
  }, [query, timeZone, now, context])
}
