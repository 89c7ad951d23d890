import { pageUrl } from '../state/url.ts'
import type { AuditRecord, Found } from './answers.ts'
import { get } from './request.ts'

/** Ids that several calls may share, each a filter of the list. */
const SHARED = [
  ...(['traceId', 'callerRequestId', 'claimedRequestId', 'providerRequestId'] as const),
  'responseId',
] as const

/**
 * Where the page shows what has an id, whichever of a call's ids it is: the call, or the list of all
 * that have it; null: no call has it.
 */
export async function placeOfId(id: string): Promise<string | null> {
  const { requestIds } = await get<Found>('/audit/find', { id })
  const [newest] = requestIds
  const oldest = requestIds.at(-1)
  if (newest === undefined || oldest === undefined) return null
  const own = requestIds.find((one) => one === id.toLowerCase())
  if (own !== undefined || newest === oldest) return `/ui/audit/${own ?? newest}`
  const ends = await Promise.all(
    [oldest, newest].map((one) => get<AuditRecord>(`/audit/${encodeURIComponent(one)}`)),
  )
  return listOf(id, ends) ?? `/ui/audit/${newest}`
}

/** The list of the calls that share an id, as wide as from the first of `ends` to the last. */
function listOf(
  id: string,
  ends: readonly Pick<AuditRecord, 'createdAt' | (typeof SHARED)[number]>[],
): string | null {
  const name = SHARED.find((field) => ends.every((record) => record[field] === id))
  const [oldest, newest] = [ends[0], ends.at(-1)]
  if (name === undefined || oldest === undefined || newest === undefined) return null
  const query = new URLSearchParams({
    from: oldest.createdAt,
    to: new Date(Date.parse(newest.createdAt) + 1).toISOString(),
  })
  // A value of the API's filters that begins with `!` would negate it.
  query.set(name, id.replace(/^(?=\\*!)/, '\\'))
  return pageUrl('/ui/audit', query)
}
