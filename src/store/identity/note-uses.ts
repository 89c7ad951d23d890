import type { StoreClient } from '../client/client.ts'

/** A key or a session was used. */
interface Use {
  readonly org: string
  readonly id: string
  readonly usedAtMs: number
}

/** Where uses are noted: the table, and its column of who was used. */
type UsesTable =
  | { readonly table: 'key_uses'; readonly idColumn: 'key_id' }
  | { readonly table: 'session_uses'; readonly idColumn: 'session_id' }

/** Writes uses in one statement; none where there are none. */
export async function noteUses(
  client: Pick<StoreClient, 'run'>,
  { table, idColumn, tag }: UsesTable & { readonly tag: string },
  uses: readonly Use[],
): Promise<void> {
  if (uses.length === 0) return
  await client.run({
    tag,
    sql: `INSERT INTO ${table} (org, ${idColumn}, used_at)
      SELECT use.1, use.2, fromUnixTimestamp64Milli(use.3, 'UTC')
      FROM (SELECT arrayJoin(arrayZip({orgs:Array(String)}, {ids:Array(String)}, {at:Array(Int64)})) AS use)`,
    params: {
      orgs: uses.map(({ org }) => org),
      ids: uses.map(({ id }) => id),
      at: uses.map(({ usedAtMs }) => usedAtMs),
    },
  })
}
