import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../test/support/api-on-store.ts'
import { contentKey } from '../content/content-key.ts'
import {
  sampleCall,
  sampleClosing,
  sampleContent,
  sampleObservation,
  sampleRecordId,
} from '../evidence/sample-evidence.ts'
import { createSettler } from '../store/calls/settle.ts'
import { createErasures } from '../store/evidence/erasures.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createErasing } from './erasing.ts'

const HOUR_MS = 3_600_000
let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: true } })
})
afterAll(() => flint?.stop())

const image = (text: string) => ({
  role: 'user',
  content: [
    { type: 'text', text },
    {
      type: 'image_url',
      image_url: { url: `data:image/png;base64,${Buffer.from('one image').toString('base64')}` },
    },
  ],
})

async function report(content: string, { withImage = false } = {}): Promise<string> {
  const { body } = await flint.ask('POST', '/v1/audit/report', {
    body: {
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      response: {
        id: 'x',
        model: 'gpt-4o',
        choices: [{ index: 0, message: { role: 'assistant', content: 'ok' } }],
      },
      messages: [withImage ? image(content) : { role: 'user', content }],
    },
  })
  await flint.deliver()
  return body.requestId
}

const exists = async (id: string) => (await flint.ask('GET', `/v1/audit/${id}`)).status === 200
const listedIds = async () =>
  (await flint.ask('GET', '/v1/audit?limit=500')).body.records.map(({ requestId }) => requestId)
const letters = createDeadLetters(path.join(os.tmpdir(), 'flint-no-letters'))
/** The janitor of delivery, as if `laterMs` had passed. */
const erasing = (laterMs = 0) =>
  createErasing({
    erasures: createErasures(flint.store.client),
    store: flint.objects,
    letters,
    nowMs: () => Date.now() + laterMs,
  })
const rowsOf = (id: string, table = 'evidence') =>
  flint.store.client.rows({
    tag: 'test',
    sql: `SELECT * FROM ${table} WHERE record_id = {id:UUID}`,
    params: { id },
  })

describe('DELETE /v1/audit/:requestId', () => {
  test('hides the record and its prompt at once and forever, leaves a tombstone and a receipt, and takes the rest off the disks', async () => {
    const id = await report('forget me')
    const other = await report('keep me')
    const { status, body } = await flint.ask('DELETE', `/v1/audit/${id}?reason=asked`)
    expect([status, body]).toEqual([200, { erasureId: expect.any(String), erased: 1 }])
    expect(await exists(id)).toBe(false)
    expect(await listedIds()).toEqual([other])
    expect((await flint.ask('GET', `/v1/audit/prompt/${id}`)).body.error.reason).toBe('unknown')
    expect(
      await flint.store.client.rows({
        tag: 'test',
        sql: `SELECT record_id FROM calls WHERE record_id = '${id}'`,
      }),
    ).toEqual([])
    const { events } = (await flint.ask('GET', `/v1/audit/events?action=record.erased`)).body
    expect(events).toMatchObject([
      {
        actor: flint.ours.id,
        subject: id,
        reason: 'asked',
        new: { erasureId: body.erasureId, matched: 1 },
      },
    ])

    await erasing().pass()
    expect(await flint.objects.get(contentKey(flint.ours.org, id))).toBeNull()
    expect(
      (await rowsOf(id)).map(({ kind, prompt_hash, last_user_preview }) => [
        kind,
        prompt_hash,
        last_user_preview,
      ]),
    ).toEqual([['erasure', null, null]])
    expect(await rowsOf(other)).toContainEqual(
      expect.objectContaining({ last_user_preview: 'keep me' }),
    )
    expect(await exists(other)).toBe(true)
    expect((await flint.ask('GET', `/v1/audit/prompt/${other}`)).status).toBe(200)
    expect((await flint.ask('DELETE', `/v1/audit/${id}`)).status).toBe(404)
  })

  test('late evidence and late content never bring it back, and go as well', async () => {
    const call = { org: flint.ours.org, createdAtMs: Date.now() - 1_000, id: 11 }
    const id = sampleRecordId(call.createdAtMs, 11)
    await flint.put(...sampleCall(call))
    expect((await flint.ask('DELETE', `/v1/audit/${id}`)).status).toBe(200)
    await erasing().pass()
    await flint.put(
      sampleObservation(call, { version: Date.now() * 2_000 }),
      sampleClosing(call),
      sampleContent(call),
    )
    await flint.objects.put(contentKey(call.org, id), Buffer.from('late'))
    expect(await exists(id)).toBe(false)
    expect(await listedIds()).not.toContain(id)
    // Ten minutes later what was on its way has come: then the tombstone is done.
    await erasing(11 * 60_000).pass()
    expect((await rowsOf(id)).every(({ kind }) => kind === 'erasure')).toBe(true)
    expect(await flint.objects.get(contentKey(call.org, id))).toBeNull()
    expect(await createErasures(flint.store.client).unfinished(10_000)).not.toContainEqual(
      expect.objectContaining({ recordId: id }),
    )
  })

  test('content that still waits in the spool is dropped when it comes', async () => {
    const { body } = await flint.ask('POST', '/v1/audit/report', {
      body: {
        provider: 'openai',
        endpoint: '/v1/chat/completions',
        response: { choices: [{ message: { content: 'x' } }] },
        messages: [{ role: 'user', content: 'waits' }],
      },
    })
    await createErasures(flint.store.client).erase(
      flint.ours.org,
      { requestId: body.requestId },
      'none yet',
      [],
    )
    // Its evidence was not there yet either: the record is erased once it is known.
    await flint.deliver()
    await flint.ask('DELETE', `/v1/audit/${body.requestId}`)
    await erasing().pass()
    expect(await flint.objects.get(contentKey(flint.ours.org, body.requestId))).toBeNull()
    expect(await exists(body.requestId)).toBe(false)
  })

  test('a settled record goes too, and settling again does not write it back', async () => {
    const call = { org: flint.ours.org, createdAtMs: Date.now() - 30 * HOUR_MS, id: 12 }
    const id = sampleRecordId(call.createdAtMs, 12)
    await flint.put(...sampleCall(call))
    await createSettler({ client: flint.store.client }).run()
    expect(await listedIds()).toContain(id)
    expect((await flint.ask('DELETE', `/v1/audit/${id}`)).status).toBe(200)
    expect(await listedIds()).not.toContain(id)
    await flint.put(sampleObservation(call, { version: Date.now() * 2_000 }))
    await createSettler({ client: flint.store.client }).run()
    expect(await listedIds()).not.toContain(id)
    await erasing().pass()
    expect((await rowsOf(id, 'calls_settled FINAL')).map(({ outcome }) => outcome)).toEqual([
      'erased',
    ])
  })

  test('an image that another call of the day carried stays for that call, until it goes too', async () => {
    const [one, other] = [
      await report('see one', { withImage: true }),
      await report('see other', { withImage: true }),
    ]
    const day = new Date().toISOString().slice(0, 10)
    const key = `${flint.ours.org}/${day}/attachments/${createHash('sha256').update('one image').digest('hex')}`
    expect(String(await flint.objects.get(key))).toBe('one image')
    await flint.ask('DELETE', `/v1/audit/${one}`)
    await erasing().pass()
    expect(String(await flint.objects.get(key))).toBe('one image')
    await flint.ask('DELETE', `/v1/audit/${other}`)
    await erasing().pass()
    expect(await flint.objects.get(key)).toBeNull()
  })

  test('an object store that is away keeps rows until objects are gone, and nothing is seen meanwhile', async () => {
    const id = await report('wait for the store')
    await flint.ask('DELETE', `/v1/audit/${id}`)
    const away = { ...flint.objects, delete: () => Promise.reject(new Error('S3 is away')) }
    await expect(
      createErasing({ erasures: createErasures(flint.store.client), store: away, letters }).pass(),
    ).rejects.toThrow('away')
    expect(await exists(id)).toBe(false)
    expect((await rowsOf(id)).length).toBeGreaterThan(1)
    await erasing().pass()
    expect((await rowsOf(id)).map(({ kind }) => kind)).toEqual(['erasure'])
  })
})

describe('POST /v1/audit/erasures', () => {
  const erase = (body: object, key?: string) =>
    flint.ask('POST', '/v1/audit/erasures', { body, ...(key === undefined ? {} : { key }) })

  test('first says how many it means, then erases them and no others', async () => {
    const twice = [await report('the same prompt'), await report('the same prompt')]
    const other = await report('another prompt')
    const promptHash = createHash('sha256').update('the same prompt').digest('hex')
    const dry = (await erase({ promptHash })).body
    expect(dry).toMatchObject({
      dryRun: true,
      matched: 2,
      confirm: expect.any(String),
      erased: null,
    })
    expect(await exists(twice[0] ?? '')).toBe(true)
    // Made after the dry run: not meant.
    const later = await report('the same prompt')
    const done = (await erase({ promptHash, confirm: dry.confirm, reason: 'DSR 12' })).body
    expect(done).toMatchObject({ dryRun: false, erased: 2, erasureId: expect.any(String) })
    for (const id of twice) expect(await exists(id)).toBe(false)
    for (const id of [other, later]) expect(await exists(id)).toBe(true)
    const { events } = (await flint.ask('GET', '/v1/audit/events?action=records.erased')).body
    expect(events[0]).toMatchObject({
      subject: done.erasureId,
      reason: 'DSR 12',
      new: { promptHash, matched: 2 },
    })
    expect((await erase({ promptHash, confirm: dry.confirm })).body).toMatchObject({
      erased: 0,
      erasureId: null,
    })
  })

  test('by tag, by key and by time', async () => {
    const at = Date.now() - 5 * HOUR_MS
    const calls = [1, 2, 3].map((id) => ({
      org: flint.ours.org,
      createdAtMs: at + id,
      id: 100 + id,
    }))
    for (const [index, call] of calls.entries())
      await flint.put(
        ...sampleCall(call).map((row) =>
          row.kind === 'intent'
            ? { ...row, key_id: `key_${index}`, tags: { customer: String(index) } }
            : { ...row, key_id: `key_${index}` },
        ),
      )
    const ids = calls.map(({ createdAtMs, id }) => sampleRecordId(createdAtMs, id))
    const iso = (ms: number) => new Date(ms).toISOString()
    for (const [filter, gone] of [
      [{ tag: 'customer:0' }, 0],
      [{ keyId: 'key_1' }, 1],
      [{ from: iso(at + 3), to: iso(at + 4) }, 2],
    ] as const) {
      const { confirm, matched } = (await erase(filter)).body
      expect(matched).toBe(1)
      expect((await erase({ ...filter, confirm })).body.erased).toBe(1)
      expect(await Promise.all(ids.map(exists))).toEqual(ids.map((_, index) => index > gone))
    }
  })

  test('never reaches another organisation’s records, and a confirmation is good for its own filter and organisation only', async () => {
    const call = { org: flint.theirs.org, createdAtMs: Date.now() - 1_000, id: 200 }
    await flint.put(...sampleCall(call))
    const own = await report('mine')
    const { confirm } = (await erase({ keyId: 'key_1' })).body
    expect(confirm).toBeNull()
    const mine = (await erase({ from: '2020-01-01' })).body
    for (const [body, key] of [
      [{ from: '2021-01-01', confirm: mine.confirm }, flint.ours.key],
      [{ from: '2020-01-01', confirm: mine.confirm }, flint.theirs.key],
      [{ from: '2020-01-01', confirm: `${mine.confirm}x` }, flint.ours.key],
      [{ from: '2020-01-01', keyId: 'key_9', confirm: mine.confirm }, flint.ours.key],
    ] as const) {
      const { status, body: answer } = await erase(body, key)
      expect([status, answer.error.code]).toEqual([400, 'invalid_request'])
    }
    expect(await exists(own)).toBe(true)
    await erase({ from: '2020-01-01', confirm: mine.confirm })
    expect(await exists(own)).toBe(false)
    expect(
      (
        await flint.ask('GET', `/v1/audit/${sampleRecordId(call.createdAtMs, 200)}`, {
          key: flint.theirs.key,
        })
      ).status,
    ).toBe(200)
    expect(
      (await flint.ask('DELETE', `/v1/audit/${sampleRecordId(call.createdAtMs, 200)}`)).status,
    ).toBe(404)
  })

  test.each([
    [{}, 'Name what to erase'],
    [{ reason: 'because' }, 'Name what to erase'],
    [{ promptHash: 'short' }, 'promptHash'],
    [{ tag: 'novalue' }, 'tag'],
    [{ from: 'soon' }, 'from'],
    [{ from: '2026-01-02', to: '2026-01-01' }, 'from'],
    [{ keyid: 'key_1' }, 'keyid'],
    [{ keyId: 7 }, 'keyId'],
    [{ keyId: 'key_1', confirm: null }, 'confirm'],
  ])('400 names what is wrong: %o', async (body, named) => {
    const answer = await erase(body)
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request'])
    expect(answer.body.error.message).toContain(named)
  })
})
