import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { jsonLines, sampleCall, sampleIntent } from '../../evidence/sample-evidence.ts'
import { createStoreClient } from '../client/client.ts'
import { StoreError } from '../client/store-error.ts'
import { startTemporaryStore, type TemporaryStore } from '../embedded/temporary-store.ts'
import { insertJsonLines } from './insert-evidence.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(() => store.empty('evidence'))
afterAll(() => store?.stop())

const call = { org: 'org_1', createdAtMs: Date.now() }
const insert = (body: Buffer | Readable, token: string) =>
  insertJsonLines(store.client, { table: 'evidence', body, token })

async function rows(): Promise<number> {
  const [row] = await store.client.rows({ tag: 'test', sql: 'SELECT count() AS n FROM evidence' })
  return Number(row?.n)
}

describe('a batch of evidence', () => {
  test('is stored once however often it is sent, as a buffer or as a stream', async () => {
    const body = jsonLines(sampleCall(call))
    await insert(body, 'batch-1')
    await insert(body, 'batch-1')
    await insert(
      Readable.from([body.subarray(0, 50), body.subarray(50)], { objectMode: false }),
      'batch-1',
    )
    expect(await rows()).toBe(3)
  })

  test('over a month’s end, stored in two parts, is still stored once', async () => {
    const today = new Date()
    const first = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1)
    const months = [first - 1, first]
    const body = jsonLines(
      months.flatMap((createdAtMs) => sampleCall({ org: 'org_1', createdAtMs })),
    )
    await insert(body, 'batch-months')
    await insert(body, 'batch-months')
    expect(await rows()).toBe(6)
  })

  test('with another token is another batch, also with the same rows', async () => {
    const body = jsonLines(sampleCall(call))
    await insert(body, 'batch-2')
    await insert(body, 'batch-3')
    expect(await rows()).toBe(6)
  })

  test.each([
    ['a column no one knows', { prompt: 'x' }, 117],
    ['a fraction where a whole number belongs', { retry_count: 1.5 }, 27],
    ['an id that is none', { record_id: 'abc' }, 376],
  ])('with %s is refused as a whole and for good', async (_, fields, code) => {
    const bad = Buffer.from(`${JSON.stringify({ ...sampleIntent(call), ...fields })}\n`)
    const error: unknown = await insert(
      Buffer.concat([jsonLines(sampleCall(call)), bad]),
      'batch-bad',
    ).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code, retryable: false })
    expect(String(error)).not.toContain('org_1')
    expect(await rows()).toBe(0)
  })

  test('is to be sent again when the store cannot take it now', async () => {
    const nowhere = createStoreClient({ ...store.server, socketPath: '/nowhere/clickhouse.sock' })
    await expect(
      insertJsonLines(nowhere, {
        table: 'evidence',
        body: jsonLines(sampleCall(call)),
        token: 't',
      }),
    ).rejects.toMatchObject({
      code: null,
      retryable: true,
    })
    const locked = createStoreClient({ ...store.server, password: 'wrong-password' })
    const error: unknown = await insertJsonLines(locked, {
      table: 'evidence',
      body: jsonLines(sampleCall(call)),
      token: 't',
    }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 516, retryable: true })
    expect(JSON.stringify([String(error), error])).not.toContain('wrong-password')
    await Promise.all([nowhere.close(), locked.close()])
  })
})
