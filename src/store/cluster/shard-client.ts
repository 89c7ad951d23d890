import type { StoreClient } from '../client/client.ts'
import { StoreError } from '../client/store-error.ts'

/** Rows that a replica has not fetched yet are looked for no longer than this behind the newest. */
const MOST_BEHIND_SECONDS = 60
const CHOSEN_FOR_MS = 60_000

const BEHIND = `SELECT max(absolute_delay) AS seconds FROM system.replicas WHERE database = currentDatabase()`

/**
 * A client of one shard: its statements go to one of the replicas, and to another when that one
 * does not answer or lags behind. What failed is not repeated here.
 */
export function createShardClient(
  shard: number,
  replicas: readonly StoreClient[],
  nowMs: () => number = () => performance.now(),
): StoreClient {
  const [only] = replicas
  let chosen: { readonly replica: StoreClient; readonly atMs: number } | null = null

  async function replica(): Promise<StoreClient> {
    if (only !== undefined && replicas.length === 1) return only
    if (chosen !== null && nowMs() - chosen.atMs < CHOSEN_FOR_MS) return chosen.replica
    const last = chosen?.replica
    for (const candidate of [...(last === undefined ? [] : [last]), ...replicas]) {
      const rows = await candidate.rows({ tag: 'cluster:replica', sql: BEHIND }).catch(() => null)
      if (rows === null || Number(rows[0]?.seconds ?? 0) > MOST_BEHIND_SECONDS) continue
      chosen = { replica: candidate, atMs: nowMs() }
      return candidate
    }
    chosen = null
    throw new StoreError(`No replica of shard ${shard} answers and is up to date`, {
      code: null,
      retryable: true,
    })
  }

  async function asked<T>(ask: (replica: StoreClient) => Promise<T>): Promise<T> {
    const one = await replica()
    try {
      return await ask(one)
    } catch (error) {
      if (error instanceof StoreError && error.code === null) chosen = null
      throw error
    }
  }

  return {
    database: only?.database ?? '',
    async shards() {
      return [this]
    },
    async servers() {
      return replicas
    },
    ensureDatabase: () => asked((one) => one.ensureDatabase()),
    rows: (statement) => asked((one) => one.rows(statement)),
    stream: (statement) => asked((one) => one.stream(statement)),
    run: (statement) => asked((one) => one.run(statement)),
    insert: (statement, body) => asked((one) => one.insert(statement, body)),
    ping: () => asked((one) => one.ping()).catch(() => false),
    async close() {
      await Promise.all(replicas.map((one) => one.close()))
    },
  }
}
