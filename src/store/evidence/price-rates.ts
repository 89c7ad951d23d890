import { Readable } from 'node:stream'
import { jsonLine } from '../../evidence/json-line.ts'
import type { StoreClient } from '../client/client.ts'

const COLUMNS = ['price_version', 'provider', 'model', 'rates', 'terms', 'used_at'] as const

/** Rates by price version; the same again changes nothing. Resolves when they are durable. */
export async function insertPriceRates(
  client: StoreClient,
  rows: readonly Readonly<Record<(typeof COLUMNS)[number], unknown>>[],
): Promise<void> {
  if (rows.length === 0) return
  const body = rows.map(jsonLine).join('')
  await client.insert(
    {
      tag: 'insert:prices',
      sql: `INSERT INTO prices (${COLUMNS.join(', ')}) FORMAT JSONEachRow`,
      settings: {},
    },
    Readable.from([Buffer.from(body)], { objectMode: false }),
  )
}
