import path from 'node:path'
import { type PageOnStore, startPageOnStore } from './page-on-store.ts'
import { CALLERS } from './seeded-profiles.ts'
import { seedCalls } from './seeded-store.ts'

/** The page over a store with some days of calls, some of them lost, unpriced or left early. */
export async function startSeededPage({
  days,
  count,
}: {
  readonly days: number
  /** About so many calls. */
  readonly count: number
}): Promise<PageOnStore> {
  const flint = await startPageOnStore()
  const keyIds: Record<string, string> = {}
  for (const { key: name } of CALLERS) {
    const made = await flint.ask('POST', '/v1/keys', { body: { name, scopes: ['proxy'] } })
    keyIds[name] = made.body.id
  }
  await seedCalls(flint.store.client, {
    org: flint.ours.org,
    ...{ keyIds, days, count, endMs: Date.now() },
    ratesOutbox: path.join(flint.directory, 'rates'),
  })
  return flint
}
