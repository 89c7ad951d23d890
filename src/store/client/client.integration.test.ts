import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '../embedded/clickhouse.ts'
import { createStoreClient, type StoreClient } from './client.ts'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-client-'))
let server: EmbeddedClickHouse
let client: StoreClient

beforeAll(async () => {
  server = await startEmbeddedClickHouse({ dir })
  client = createStoreClient(server)
  await client.ensureDatabase()
})
afterAll(async () => {
  await client?.close()
  await server?.stop()
  fs.rmSync(dir, { recursive: true, force: true })
})

test('an answer that fits into memory is never written to a file', async () => {
  const folders = fs.readdirSync(dir, { recursive: true, encoding: 'utf8' })
  const temporary = folders.find((name) => path.basename(name) === 'tmp')
  if (temporary === undefined) throw new Error('the folder for temporary files was not found')
  const folder = path.join(dir, temporary)
  fs.rmdirSync(folder)
  try {
    expect(await client.rows({ tag: 'small', sql: 'SELECT 1 AS one' })).toEqual([{ one: 1 }])
    // The proof that a file would have been missed.
    const large = client.rows({ tag: 'large', sql: "SELECT repeat('x', 2000000) AS text" })
    await expect(large).rejects.toThrow()
  } finally {
    fs.mkdirSync(folder)
  }
})
