import { FlintError } from '../../errors.ts'
import type { Scope } from '../../identity/principal.ts'
import type { CallFilter } from '../../store/calls/call-filter.ts'
import { RANGE_FILTERS, VALUE_FILTERS, type ValueFilter } from '../../store/calls/call-filters.ts'
import { valueTest } from '../../store/calls/compiled-filter.ts'
import type { FilterQuery } from './filter-schema.ts'
import { toTimeRange } from './time-range.ts'
import { timeZoneNamed } from './zoned-time.ts'

export { type FilterQuery, FilterQueryProperties } from './filter-schema.ts'

/** Of a filter as JSON: cursors hold it, and must fit into the head of a request. */
const MAX_FILTER_BYTES = 4_500

/**
 * The filter of a request; throws invalid_request naming the parameter that is not right, and
 * forbidden where a filter needs a scope that the key does not have. `place`: what its members are
 * of the request.
 */
export function toCallFilter(
  query: FilterQuery,
  scopes: readonly Scope[],
  place = 'query parameter',
): CallFilter {
  const filter: CallFilter = Object.fromEntries([
    ...timesOf(query, place),
    ...RANGE_FILTERS.flatMap(({ name, property, of }) => {
      const bound = query[name]
      return bound === undefined || of === 'time' ? [] : [[property, bound] as const]
    }),
    ...VALUE_FILTERS.flatMap((row) => {
      const texts = query[row.name]
      if (texts === undefined) return []
      for (const text of texts) requireValue(row, text, place)
      return [[row.name, texts] as const]
    }),
  ])
  requireFilterScopes(filter, scopes)
  if (Buffer.byteLength(JSON.stringify(filter)) > MAX_FILTER_BYTES)
    throw new FlintError(
      'invalid_request',
      `The filters are longer than ${MAX_FILTER_BYTES} bytes together.`,
    )
  return filter
}

/** Also for filters out of a cursor, which may have been made for another key. */
export function requireFilterScopes(filter: CallFilter, scopes: readonly Scope[]): void {
  for (const { name, scope } of VALUE_FILTERS)
    if (scope !== undefined && filter[name] !== undefined && !scopes.includes(scope))
      throw new FlintError('forbidden', `The filter "${name}" needs the scope "${scope}".`)
}

/** Each pair of times, in milliseconds. */
function timesOf(query: FilterQuery, place: string): ReadonlyArray<readonly [string, number]> {
  const timeZone = zoneOf(query.timeZone, place)
  const ends = RANGE_FILTERS.filter(({ of }) => of === 'time')
  return ends
    .filter(({ end }) => end === 'from')
    .flatMap((start) => {
      const end = ends.find(({ field, end }) => field === start.field && end === 'to')
      if (end === undefined) return []
      const { fromMs, toMs } = toTimeRange(
        { from: query[start.name]?.toString(), to: query[end.name]?.toString() },
        { place, timeZone, names: { from: start.name, to: end.name } },
      )
      return [
        ...(fromMs === undefined ? [] : [[start.property, fromMs] as const]),
        ...(toMs === undefined ? [] : [[end.property, toMs] as const]),
      ]
    })
}

/** An IANA name of a request; throws invalid_request where it is none. */
export function zoneOf(name = 'UTC', place = 'query parameter'): string {
  const zone = timeZoneNamed(name)
  if (zone === null)
    throw new FlintError(
      'invalid_request',
      `The ${place} "timeZone" is no IANA time zone that Flint knows: "${name}". Write e.g. Europe/Berlin.`,
    )
  return zone
}

function requireValue({ name, kind }: ValueFilter, text: string, place: string): void {
  if (text === '!')
    throw new FlintError('invalid_request', `The ${place} "${name}" has nothing after "!".`)
  if (valueTest(kind, text) === null)
    throw new FlintError('invalid_request', `The ${place} "${name}" ${RULES[kind]}.`)
}

const RULES: Readonly<Record<ValueFilter['kind'], string>> = {
  equal: 'is not valid',
  prefix: 'is not valid',
  status: 'must be a status such as 429, or a class such as 4xx',
  boolean: 'must be true or false',
  tag: 'must be name:value',
}
