import { expect, test } from 'vitest'
import type { StoreClient } from '../client/client.ts'
import { StoreError } from '../client/store-error.ts'
import { createShardClient } from './shard-client.ts'

const away = () => new StoreError('away', { code: null, retryable: true })

/** A replica that answers with its name; `behind` seconds, null where it is down. */
class Replica {
  readonly asked: string[] = []
  behind: number | null = 0
  fault: StoreError | null = null
  readonly client: StoreClient

  constructor(name: string) {
    const rows: StoreClient['rows'] = async ({ tag }) => {
      if (this.behind === null) throw away()
      if (tag === 'cluster:replica') return [{ seconds: this.behind }]
      if (this.fault !== null) throw this.fault
      this.asked.push(tag)
      return [{ name }]
    }
    this.client = {
      database: 'flint_shard',
      shards: async () => [],
      servers: async () => [],
      ensureDatabase: async () => {},
      rows,
      stream: () => Promise.reject(away()),
      run: async (statement) => void (await rows(statement)),
      insert: async (statement) => void (await rows(statement)),
      ping: async () => true,
      close: async () => {},
    }
  }
}

function shard() {
  const [a, b] = [new Replica('a'), new Replica('b')]
  const clock = { ms: 0 }
  const client = createShardClient(2, [a.client, b.client], () => clock.ms)
  const ask = async () => (await client.rows({ tag: 'ask', sql: 'SELECT 1' }))[0]?.name
  return { a, b, clock, ask, client }
}

test('statements of a shard stay with one replica while it answers and is up to date', async () => {
  const { a, b, clock, ask } = shard()
  expect([await ask(), await ask()]).toEqual(['a', 'a'])
  a.behind = 61
  expect(await ask()).toBe('a')
  clock.ms += 60_000
  expect(await ask()).toBe('b')
  a.behind = 0
  clock.ms += 60_000
  expect(await ask()).toBe('b')
  expect(b.asked).toHaveLength(2)
})

test('what fails on a replica that is gone is not repeated; the next statement goes to another', async () => {
  const { a, b, ask, client } = shard()
  await ask()
  a.behind = null
  await expect(client.run({ tag: 'write', sql: 'INSERT' })).rejects.toThrow('away')
  expect(b.asked).toEqual([])
  expect(await ask()).toBe('b')
})

test('a statement that a replica refuses is refused, and does not change the replica', async () => {
  const { a, ask } = shard()
  await ask()
  a.fault = new StoreError('refused', { code: 241, retryable: true })
  await expect(ask()).rejects.toThrow('refused')
  a.fault = null
  expect(await ask()).toBe('a')
})

test('a shard without a replica that is up to date is named', async () => {
  const { a, b, ask } = shard()
  a.behind = null
  b.behind = 3_600
  await expect(ask()).rejects.toThrow('No replica of shard 2 answers and is up to date')
  b.behind = 0
  expect(await ask()).toBe('b')
})
