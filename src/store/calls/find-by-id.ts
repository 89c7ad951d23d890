import type { StoreClient } from '../client/client.ts'
import { BOUNDED_READ } from './bounded-read.ts'
import { time } from './call-filter.ts'
import { createdAtOf } from './call-id.ts'

export interface IdQueries {
  /**
   * Ids of the organisation's records that have this id in any of their fields of ids, newest
   * first; at most MAX_FOUND. Rejects with StoreError code 159 where it takes longer than 5 s.
   */
  findById(query: { readonly org: string; readonly id: string }): Promise<readonly string[]>
}

export const MAX_FOUND = 100

/** Of the provider, of the caller, of a tracer. */
const ID_COLUMNS = [
  'provider_request_id',
  'response_id',
  'trace_id',
  'caller_request_id',
  'claimed_request_id',
]

export function createIdQueries(client: Pick<StoreClient, 'rows'>): IdQueries {
  const find = async (condition: string, params: Readonly<Record<string, string | number>>) => {
    const rows = await client.rows({
      tag: 'calls:find-by-id',
      sql: `SELECT record_id FROM calls WHERE org = {org:String} AND (${condition})
        ORDER BY created_at DESC, record_id DESC LIMIT ${MAX_FOUND}`,
      params,
      settings: BOUNDED_READ,
    })
    return rows.map(({ record_id: id }) => String(id))
  }

  return {
    async findById({ org, id }) {
      const createdAtMs = createdAtOf(id)
      const [own, others] = await Promise.all([
        createdAtMs === null
          ? []
          : find(`created_at = ${time('created_ms')} AND record_id = {id:UUID}`, {
              org,
              id,
              created_ms: createdAtMs,
            }),
        find(ID_COLUMNS.map((column) => `${column} = {id:String}`).join(' OR '), { org, id }),
      ])
      return [...new Set([...own, ...others])].slice(0, MAX_FOUND)
    },
  }
}
