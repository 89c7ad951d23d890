import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { createStoreClient } from './client.ts'
import { StoreError } from './store-error.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

const stream = (sql: string) => store.client.stream({ tag: 'large', sql })

/** All that was read, and what ended it. */
async function readAll(body: Readable): Promise<{ text: string; error: unknown }> {
  const parts: Buffer[] = []
  try {
    for await (const part of body) parts.push(part)
    return { text: Buffer.concat(parts).toString(), error: null }
  } catch (error) {
    return { text: Buffer.concat(parts).toString(), error }
  }
}

test.each(['CSV', 'JSONEachRow'])('%s: an answer comes whole, to its last byte', async (format) => {
  const sql = `SELECT number AS n FROM numbers(300000) FORMAT ${format}`
  const { text, error } = await readAll(await stream(sql))
  expect(error).toBeNull()
  expect(text.split('\n')).toHaveLength(300_001)
  expect(text.endsWith(format === 'CSV' ? '299999\n' : '{"n":299999}\n')).toBe(true)
})

test.each(['CSVWithNames', 'JSONEachRow'])(
  '%s: a statement that fails in its middle breaks the stream, and its fault is in no row',
  async (format) => {
    const sql = `SELECT number AS n, throwIf(number = 3000000) AS t FROM numbers(9000000) FORMAT ${format}`
    const { text, error } = await readAll(await stream(sql))
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code: 395, message: 'ClickHouse broke large off (code 395)' })
    expect(text.length).toBeGreaterThan(1_000_000)
    expect(text).not.toMatch(/exception|Code: 395/i)
  },
)

test('a statement that fails before its first megabyte is an error, and no stream', async () => {
  await expect(stream('SELECT throwIf(number = 9) FROM numbers(99) FORMAT CSV')).rejects.toThrow(
    StoreError,
  )
})

test('rows that look like a fault are rows', async () => {
  const { text, error } = await readAll(
    await stream("SELECT '\\r\\n__exception__\\r\\nabcdefghijklmnop\\r\\n' FORMAT TSVRaw"),
  )
  expect(error).toBeNull()
  expect(text).toContain('__exception__\r\nabcdefghijklmnop')
})

test('a reader that leaves ends the statement', async () => {
  const sql = 'SELECT number FROM numbers(1000000000000) FORMAT CSV'
  const body = await stream(sql)
  for await (const _ of body) break
  const running = async () => {
    const rows = await store.client.rows({
      tag: 'processes',
      sql: `SELECT count() AS running FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%system.processes%'`,
    })
    return Number(rows[0]?.running)
  }
  while ((await running()) > 0) await setImmediate()
})

test('a server that does not mark broken answers is refused', async () => {
  const old = createServer((request, response) => {
    request.resume()
    response.end('1\n')
  })
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
  const { port } = old.address() as AddressInfo
  const client = createStoreClient({
    url: `http://127.0.0.1:${port}`,
    username: 'flint',
    password: '',
    headers: {},
  })
  await expect(client.stream({ tag: 'old', sql: 'SELECT 1 FORMAT CSV' })).rejects.toThrow(
    /older than 25\.11/,
  )
  await client.close()
  await new Promise((resolve) => old.close(resolve))
})
