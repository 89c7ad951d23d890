import type { Condition } from '../calls/call-filter.ts'
import type { StoreClient } from '../client/client.ts'

/**
 * Takes the rows that meet the condition off the disks of all servers; resolves when they are gone.
 * Each server is asked for itself: one that is down still has its rows, and a replica may lag behind
 * the one that was asked last. Rejects with a StoreError that names the server.
 */
export async function removeRows(
  client: StoreClient,
  table: string,
  { sql: condition, params }: Condition,
  tag: string,
): Promise<void> {
  const faults: unknown[] = []
  for (const server of await client.servers()) {
    try {
      // A mutation rewrites whole parts: only where there is something to remove.
      const left = await server.rows({
        tag: `${tag}:left:${table}`,
        sql: `SELECT 1 FROM ${table} WHERE ${condition} LIMIT 1`,
        params,
      })
      if (left.length === 0) continue
      await server.run({
        tag: `${tag}:remove:${table}`,
        sql: `ALTER TABLE ${table} DELETE WHERE ${condition}`,
        params,
        settings: { mutations_sync: '2' },
      })
    } catch (fault) {
      faults.push(fault)
    }
  }
  if (faults.length > 0) throw faults[0]
}
