import { evidenceLine } from '../../evidence/evidence-line.ts'
import type { StoreClient } from '../client/client.ts'
import { insertJsonLines } from '../evidence/insert-evidence.ts'
import { type Call, createSettler } from './settle.ts'

/**
 * For evidence that does not come through a spool: stores it, and settles its calls, so that what a
 * command has done is seen when it is done.
 *
 * @param token The same for every repetition of the same rows.
 */
export async function addEvidence(
  client: StoreClient,
  rows: readonly object[],
  token: string,
): Promise<void> {
  if (rows.length === 0) return
  const body = Buffer.from(rows.map(evidenceLine).join(''))
  await insertJsonLines(client, { table: 'evidence', body, token })
  await createSettler({ client }).settle(rows.map(callOf))
}

function callOf(row: object): Call {
  const { org, record_id: recordId } = row as { readonly org: string; readonly record_id: string }
  return { org, recordId }
}
