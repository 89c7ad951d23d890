import { createHash } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, startS3Server } from '../../test/support/s3-server.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { ContentStore } from './content-store.ts'
import { createDiskContentStore } from './disk-content-store.ts'
import { createS3ContentStore } from './s3-content-store.ts'
import { packDocument, readContent } from './stored-content.ts'

let s3: S3Server
let folder: string
const stores: Record<string, ContentStore> = {}

beforeAll(async () => {
  s3 = await startS3Server()
  folder = temporaryDirectory()
  stores.s3 = createS3ContentStore(s3)
  stores.disk = createDiskContentStore(path.join(folder, 'content'))
})
afterAll(async () => {
  for (const store of Object.values(stores)) store.close()
  await s3?.stop()
})

async function listed(store: ContentStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.list(prefix)) keys.push(key)
  return keys
}

describe.each(['s3', 'disk'])('objects in %s', (kind) => {
  const store = (): ContentStore => {
    const found = stores[kind]
    if (found === undefined) throw new Error('not started')
    return found
  }

  test('come back byte for byte, the same key again replaces, what is not there is null', async () => {
    const body = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
    await store().put('org_1/2026-01-01/a.json.gz', body)
    expect(await store().get('org_1/2026-01-01/a.json.gz')).toEqual(body)
    await store().put('org_1/2026-01-01/a.json.gz', Buffer.from('other'))
    expect(String(await store().get('org_1/2026-01-01/a.json.gz'))).toBe('other')
    expect(await store().get('org_1/2026-01-01/b.json.gz')).toBeNull()
    expect(await store().get('org_9/2026-01-01/b.json.gz')).toBeNull()
  })

  test('are listed below their prefix in the order of their days, and deleted once or twice', async () => {
    const keys = [
      '2026-01-02/b.json.gz',
      '2026-01-02/attachments/ff',
      '2025-12-31/z.json.gz',
      '2026-01-10/c.json.gz',
    ].map((key) => `org_2/${key}`)
    for (const key of [...keys, 'org_22/2026-01-01/x.json.gz'])
      await store().put(key, Buffer.from(key))
    expect(await listed(store(), 'org_2/')).toEqual([...keys].sort())
    expect(await listed(store(), 'org_3/')).toEqual([])
    await store().delete([keys[0] ?? '', 'org_2/2026-01-02/no one'])
    await store().delete([keys[0] ?? ''])
    expect(await listed(store(), 'org_2/')).toEqual(keys.slice(1).sort())
    await store().delete(await listed(store(), 'org_2/'))
    expect(await listed(store(), 'org_2/')).toEqual([])
    expect(await listed(store(), 'org_22/')).toHaveLength(1)
  })

  test('a document that was altered, cut short or is gone is distinguished from one that is whole', async () => {
    const body = JSON.stringify({ format: 'flint-content/1', prompt: 'hi' })
    const hash = createHash('sha256').update(body).digest('hex')
    const key = 'org_4/2026-01-01/a.json.gz'
    expect(await readContent(store(), key, hash)).toBe('missing')
    const packed = await packDocument(body)
    await store().put(key, packed)
    expect(await readContent(store(), key, hash)).toEqual({
      format: 'flint-content/1',
      prompt: 'hi',
    })
    for (const bad of [
      packed.subarray(0, 10),
      Buffer.from('plain'),
      gzipSync(body.replace('hi', 'ho')),
      Buffer.alloc(0),
    ]) {
      await store().put(key, bad)
      expect(await readContent(store(), key, hash)).toBe('altered')
    }
  })
})

test('files are their owner’s alone, no half-written one is ever read, and empty days go', async () => {
  const root = path.join(folder, 'own')
  const store = createDiskContentStore(root)
  await store.put('org_1/2026-01-01/a.json.gz', Buffer.from('a'))
  expect(fs.statSync(path.join(root, 'org_1/2026-01-01/a.json.gz')).mode & 0o777).toBe(0o600)
  expect(fs.statSync(path.join(root, 'org_1/2026-01-01')).mode & 0o777).toBe(0o700)
  fs.writeFileSync(path.join(root, 'org_1/2026-01-01/b.json.gz.0123.part'), 'half')
  expect(await listed(store, 'org_1/')).toEqual(['org_1/2026-01-01/a.json.gz'])
  fs.rmSync(path.join(root, 'org_1/2026-01-01/b.json.gz.0123.part'))
  await store.delete(['org_1/2026-01-01/a.json.gz'])
  expect(fs.existsSync(path.join(root, 'org_1'))).toBe(false)
  await expect(store.put('../outside', Buffer.from('x'))).rejects.toThrow('leads out')
})

test('objects are encrypted with the KMS key that is configured, and with none where none is', async () => {
  const seen: Array<readonly [algorithm: unknown, key: unknown]> = []
  // A listener and no S3 server: what is asked of AWS is what matters here, and no free server has
  // a KMS.
  const listener = http.createServer((request, response) => {
    seen.push([
      request.headers['x-amz-server-side-encryption'],
      request.headers['x-amz-server-side-encryption-aws-kms-key-id'],
    ])
    request.resume().on('end', () => response.end())
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  for (const kmsKeyId of [undefined, 'aws/s3', 'arn:aws:kms:eu-central-1:1:key/a']) {
    const store = createS3ContentStore({ ...s3, endpoint, kmsKeyId })
    await store.put('org_1/2026-01-01/a', Buffer.from('a'))
    store.close()
  }
  await new Promise((resolve) => listener.close(resolve))
  expect(seen).toEqual([
    [undefined, undefined],
    ['aws:kms', undefined],
    ['aws:kms', 'arn:aws:kms:eu-central-1:1:key/a'],
  ])
})

test('a bucket that is not there, wrong credentials and a server that is away are errors, not empty answers', async () => {
  const nowhere = createS3ContentStore({ ...s3, endpoint: 'http://127.0.0.1:9', timeoutMs: 1_000 })
  const wrongKey = createS3ContentStore({ ...s3, accessKeyId: 'NOBODY' })
  const noBucket = createS3ContentStore({ ...s3, bucket: 'nobody' })
  for (const store of [nowhere, wrongKey, noBucket]) {
    await expect(store.put('org_1/2026-01-01/a', Buffer.from('a'))).rejects.toThrow()
    store.close()
  }
})
