import { expect, test } from 'vitest'
import { shardingKey } from './shard-counts.ts'

test('the sharding key is the hash of the id while the number of shards has not changed', () => {
  expect(shardingKey([{ shards: 4, sinceMs: 0 }])).toBe('cityHash64(record_id)')
})

test('calls from before a shard was added are spread over as many as there were', () => {
  const key = shardingKey([
    { shards: 2, sinceMs: 0 },
    { shards: 3, sinceMs: 1_000 },
    { shards: 5, sinceMs: 2_000 },
  ])
  const before = (ms: number) =>
    `UUIDv7ToDateTime(record_id, 'UTC') < fromUnixTimestamp64Milli(${ms}, 'UTC')`
  expect(key).toBe(
    `multiIf(${before(1_000)}, cityHash64(record_id) % 2, ${before(2_000)}, cityHash64(record_id) % 3, cityHash64(record_id))`,
  )
})
