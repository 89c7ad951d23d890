import { isoTime } from '../calls/call-row.ts'
import type { StoreClient } from '../client/client.ts'
import { noteUses } from './note-uses.ts'

/**
 * When keys were last used: to ask this API as its processes noted it, for calls and reports as the
 * records say.
 */
export interface KeyUses {
  note(
    uses: readonly { readonly org: string; readonly keyId: string; readonly usedAtMs: number }[],
  ): Promise<void>
  /** ISO 8601 by key id; a key that was never used is not in it. */
  lastUses(org?: string): Promise<ReadonlyMap<string, string>>
}

export function createKeyUses(client: StoreClient): KeyUses {
  return {
    note: (uses) =>
      noteUses(
        client,
        { tag: 'key-uses:note', table: 'key_uses', idColumn: 'key_id' },
        uses.map(({ keyId, ...use }) => ({ ...use, id: keyId })),
      ),
    async lastUses(org) {
      const condition = org === undefined ? 'true' : 'org = {org:String}'
      const rows = await client.rows({
        tag: 'key-uses:last',
        sql: `SELECT key_id, max(used_at) AS used_at FROM (
            SELECT key_id, max(used_at) AS used_at FROM key_uses WHERE ${condition} GROUP BY key_id
            UNION ALL
            SELECT assumeNotNull(key_id) AS key_id, max(created_at) AS used_at FROM evidence
            WHERE ${condition} AND kind IN ('intent', 'report') AND key_id IS NOT NULL GROUP BY key_id
          ) GROUP BY key_id`,
        params: org === undefined ? {} : { org },
      })
      return new Map(rows.map((row) => [String(row.key_id), isoTime(String(row.used_at))]))
    },
  }
}
