import path from 'node:path'
import { type PageOnStore, startPageOnStore } from './page-on-store.ts'
import { CALLERS } from './seeded-profiles.ts'
import { seedCalls } from './seeded-store.ts'

/** The page over a store with some days of calls, some of them lost, unpriced or left early. */
export async function startSeededPage({
  days,
  count,
  endsMs = [Date.now()],
}: {
  readonly days: number
  /** About so many calls, before each end. */
  readonly count: number
  /** Default: now. Calls older than 90 days are not readable where retention is not raised. */
  readonly endsMs?: readonly number[]
}): Promise<PageOnStore> {
  const flint = await startPageOnStore()
  const keyIds: Record<string, string> = {}
  for (const { key: name } of CALLERS) {
    const made = await flint.ask('POST', '/v1/keys', { body: { name, scopes: ['proxy'] } })
    keyIds[name] = made.body.id
  }
  for (const endMs of endsMs)
    await seedCalls(flint.store.client, {
      org: flint.ours.org,
      ...{ keyIds, days, count, endMs },
      ratesOutbox: path.join(flint.directory, 'rates'),
    })
  return flint
}
