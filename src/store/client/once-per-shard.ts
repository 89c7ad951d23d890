import type { StoreClient } from './client.ts'

/**
 * What `work` resolves to on each shard, one shard after the other. One that fails keeps no other
 * waiting: its fault is thrown when all were worked on.
 */
export async function oncePerShard<T>(
  client: Pick<StoreClient, 'shards'>,
  work: (shard: StoreClient) => Promise<T>,
): Promise<readonly T[]> {
  const done: T[] = []
  const faults: unknown[] = []
  for (const shard of await client.shards()) {
    try {
      done.push(await work(shard))
    } catch (fault) {
      faults.push(fault)
    }
  }
  if (faults.length > 0) throw faults[0]
  return done
}
