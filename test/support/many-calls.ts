import { dataPaths } from '../../src/config/data-paths.ts'
import { createStoreClient } from '../../src/store/client/client.ts'
import { embeddedEndpoint } from '../../src/store/embedded/credentials.ts'
import type { FlintUnderTest } from './flint.ts'
import { putSettledCalls } from './settled-calls.ts'

/**
 * So many calls of the last minutes in the store of a running Flint, each with so much text that a
 * file of them is larger than all buffers on its way. Once: where there are calls nothing is added.
 */
export async function putManyCalls(
  flint: Pick<FlintUnderTest, 'dataDir' | 'sql'>,
  { count, agentBytes }: { readonly count: number; readonly agentBytes: number },
): Promise<void> {
  const endpoint = embeddedEndpoint(dataPaths(flint.dataDir).clickhouse)
  if (endpoint === null) throw new Error('ClickHouse is not there')
  const client = createStoreClient(endpoint)
  const [row] = await client.rows({ tag: 'test', sql: 'SELECT count() AS count FROM calls' })
  if (Number(row?.count) === 0) {
    const [first] = await flint.sql<{ org: string }>(
      "SELECT org FROM identity_events WHERE subject_kind = 'key'",
    )
    await putSettledCalls(client, {
      org: first?.org ?? '',
      count,
      fromMs: Date.now() - count * 10,
      ingestedEveryMs: 10,
      userAgent: `randomPrintableASCII(${agentBytes})`,
    })
  }
  await client.close()
}
