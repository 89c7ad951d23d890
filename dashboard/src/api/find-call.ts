import type { Found } from './answers.ts'
import { get } from './request.ts'

/** Where the page shows what has an id, whichever of a call's ids it is; null: no call has it. */
export async function placeOfId(id: string): Promise<string | null> {
  const { requestIds } = await get<Found>('/audit/find', { id })
  const [only] = requestIds
  if (only === undefined) return null
  if (requestIds.length === 1) return `/ui/audit/${only}`
  return `/ui/audit?last=90d&traceId=${encodeURIComponent(id)}`
}
