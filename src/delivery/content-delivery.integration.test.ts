import fs from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type S3Server, startS3Server } from '../../test/support/s3-server.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { ContentLine } from '../content/content-line.ts'
import type { ContentStore } from '../content/content-store.ts'
import { createS3ContentStore } from '../content/s3-content-store.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { sampleRecordId } from '../evidence/sample-evidence.ts'
import { SegmentSpool } from '../spool/segment-spool.ts'
import { createSpoolCounters } from '../spool/spool-counters.ts'
import { freePort } from '../store/embedded/free-port.ts'
import { createContentCounters, createContentDelivery } from './content-delivery.ts'

let folder: string
let server: S3Server
let store: ContentStore
let spool: SegmentSpool<ContentLine>
let written: Evidence[]
let erased: Set<string>
let expired: Set<string>
let port: number
const counters = createContentCounters()
const spoolCounters = createSpoolCounters()

beforeEach(async () => {
  folder = temporaryDirectory()
  port = await freePort()
  await startServer()
  written = []
  erased = new Set()
  expired = new Set()
  Object.assign(counters, createContentCounters())
  Object.assign(spoolCounters, createSpoolCounters())
  spool = new SegmentSpool<ContentLine>({
    directory: path.join(folder, 'spool', 'i', 'observer'),
    maxSegmentBytes: 1,
    maxBytes: 64 * 1024,
    counters: spoolCounters,
  })
})
afterEach(async () => {
  spool.close()
  store.close()
  await server.stop()
})

/** On the same port with the same objects, as a server that comes back. */
async function startServer(): Promise<void> {
  server = await startS3Server({ port, directory: path.join(folder, 's3') })
  store = createS3ContentStore({ ...server, timeoutMs: 2_000 })
}

const at = Date.UTC(2026, 0, 1)
const line = (id: number, prompt = `prompt ${id}`): ContentLine => ({
  kind: 'document',
  org: 'org_1',
  record_id: sampleRecordId(at + id, id),
  provider: 'openai',
  sha256: 'ab'.repeat(32),
  body: JSON.stringify({ prompt }),
})
const append = (row: ContentLine) =>
  new Promise<Error | null>((resolve) => spool.append(row, resolve))
const keyOf = (id: number) => `org_1/2026-01-01/${sampleRecordId(at + id, id)}.json.gz`
const stored = async (id: number) => {
  const object = await store.get(keyOf(id))
  return object === null ? null : String(gunzipSync(object))
}
/** Segments get their closed names a moment after the rows that filled them. */
const closed = () =>
  fs
    .readdirSync(path.join(folder, 'spool', 'i', 'observer'))
    .filter((name) => name.endsWith('.ndjson')).length

async function pass(objects: ContentStore = store): Promise<void> {
  spool.close()
  await createContentDelivery({
    spoolRoot: path.join(folder, 'spool'),
    store: objects,
    erasedAmong: async (calls) =>
      new Set(calls.map(({ recordId }) => recordId).filter((id) => erased.has(id))),
    isExpired: (_org, createdAtMs) => expired.has(String(createdAtMs)),
    spool: {
      append(row, done) {
        written.push(row)
        done(null)
      },
    },
    writer: 'i/delivery',
    counters,
  }).pass()
}

describe('content on its way to S3', () => {
  test('arrives compressed, and evidence says so only then', async () => {
    for (const id of [1, 2, 3]) expect(await append(line(id))).toBeNull()
    await pass()
    expect(await Promise.all([1, 2, 3].map(stored))).toEqual(
      [1, 2, 3].map((id) => JSON.stringify({ prompt: `prompt ${id}` })),
    )
    expect(written).toHaveLength(3)
    expect(written).toContainEqual(
      expect.objectContaining({
        kind: 'content',
        record_id: sampleRecordId(at + 1, 1),
        content_key: keyOf(1),
        content_sha256: 'ab'.repeat(32),
      }),
    )
    expect([closed(), counters.stored, counters.backlogBytes, counters.waiting]).toEqual([
      0, 3, 0, 0,
    ])
  })

  test('waits while S3 is down, says so, and arrives when it is back', async () => {
    await append(line(1))
    await server.stop()
    await expect(pass()).rejects.toThrow()
    expect([closed(), counters.waiting, written.length]).toEqual([1, 1, 0])
    expect(counters.backlogBytes).toBeGreaterThan(0)
    store.close()
    await startServer()
    await pass()
    expect(await stored(1)).toBe(JSON.stringify({ prompt: 'prompt 1' }))
    expect([closed(), counters.waiting, counters.backlogBytes, written.length]).toEqual([
      0, 0, 0, 1,
    ])
  })

  test('is delivered again after a crash between object and segment, and nothing is twice', async () => {
    await append(line(1))
    const dying: ContentStore = {
      ...store,
      async put(key, body) {
        await store.put(key, body)
        throw new Error('killed')
      },
    }
    await expect(pass(dying)).rejects.toThrow('killed')
    expect([closed(), written.length]).toEqual([1, 0])
    await pass()
    expect([await stored(1), closed(), written.length]).toEqual([
      JSON.stringify({ prompt: 'prompt 1' }),
      0,
      1,
    ])
  })

  test('is bounded: what finds no space is refused, and what is there still arrives', async () => {
    expect(await append(line(1, 'x'.repeat(50 * 1024)))).toBeNull()
    expect(await append(line(2, 'x'.repeat(50 * 1024)))).toBeInstanceOf(Error)
    expect(spoolCounters.refused).toBe(1)
    await pass()
    expect(await stored(1)).not.toBeNull()
    expect(await stored(2)).toBeNull()
  })

  test('of an erased or expired call is dropped, never stored', async () => {
    for (const id of [1, 2, 3]) await append(line(id))
    erased.add(sampleRecordId(at + 1, 1))
    expired.add(String(at + 2))
    await pass()
    expect([await stored(1), await stored(2)]).toEqual([null, null])
    expect(await stored(3)).not.toBeNull()
    expect([counters.dropped, counters.stored, closed(), written.length]).toEqual([2, 1, 0, 1])
  })

  test('that is damaged is counted and left out; what is named by a hash must have it', async () => {
    await append(line(1))
    await append({
      kind: 'attachment',
      org: 'org_1',
      record_id: sampleRecordId(at, 9),
      sha256: 'cd'.repeat(32),
      base64: 'AAAA',
    })
    spool.close()
    const directory = path.join(folder, 'spool', 'i', 'observer')
    fs.writeFileSync(
      path.join(directory, '9999999999999-000000001.ndjson'),
      'no json\n{"kind":"other"}\n',
    )
    await pass()
    expect(await stored(1)).not.toBeNull()
    expect(await store.get(`org_1/2026-01-01/attachments/${'cd'.repeat(32)}`)).toBeNull()
    expect([counters.unreadableLines, closed()]).toEqual([3, 0])
  })
})
