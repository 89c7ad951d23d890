import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { attachmentKey, contentKey } from '../../content/content-key.ts'
import { packDocument } from '../../content/stored-content.ts'
import { sampleCall, sampleContent, sampleRecordId } from '../../evidence/sample-evidence.ts'

let flint: ApiOnStore
const keys = { viewer: '', admin: '' }
beforeAll(async () => {
  flint = await startApiOnStore()
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: true } })
  for (const [name, scope] of [
    ['viewer', 'read'],
    ['admin', 'admin'],
  ] as const)
    keys[name] = (await flint.ask('POST', '/v1/keys', { body: { name, scopes: [scope] } })).body.key
})
afterAll(() => flint?.stop())

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
/** Bytes of a test that no other call has. */
const bytesOf = (name: string) => Buffer.from(`${name}\u0000\u00ff<script>alert(1)</script>`)

/** A call with an attachment for each media type, delivered. */
async function callWith(attached: Readonly<Record<string, Buffer>>): Promise<string> {
  const content = Object.entries(attached).map(([media_type, data]) => ({
    type: 'image',
    source: { type: 'base64', media_type, data: data.toString('base64') },
  }))
  const answer = await flint.ask('POST', '/v1/audit/report', {
    body: {
      provider: 'anthropic',
      endpoint: '/v1/messages',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Look.' }, ...content] }],
      response: { type: 'message', model: 'claude', content: [{ type: 'text', text: 'Yes.' }] },
    },
  })
  expect(answer.status).toBe(202)
  await flint.deliver()
  return answer.body.requestId
}

/** A call whose attachment was over the bound, as an earlier build stored it. */
async function callWithoutBytes(bytes: Buffer): Promise<string> {
  const call = { org: flint.ours.org, createdAtMs: Date.now(), id: 71 }
  const id = sampleRecordId(call.createdAtMs, call.id)
  const document = JSON.stringify({
    format: 'flint-content/1',
    prompt: 'Look.',
    attachments: [
      { kind: 'image', mediaType: null, sha256: sha256(bytes), bytes: bytes.length, key: null },
    ],
  })
  const key = contentKey(call.org, id)
  const content = { content_key: key, content_sha256: sha256(Buffer.from(document)) }
  await flint.put(
    ...sampleCall(call).map((row) => {
      if (row.kind === 'observation') return { ...row, ...content, capture: true }
      return row.kind === 'intent' ? { ...row, capture: true } : row
    }),
    sampleContent(call, content),
  )
  await flint.objects.put(key, await packDocument(document))
  return id
}

const pathOf = (id: string, bytes: Buffer) => `/v1/audit/prompt/${id}/attachments/${sha256(bytes)}`
const download = (url: string, key = flint.ours.key) =>
  flint.api.inject({ method: 'GET', url, headers: { authorization: `Bearer ${key}` } })
const readsOf = async (id: string, query = '', key = flint.ours.key) =>
  (await download(`/v1/audit/prompt/${id}/reads${query}`, key)).json()
const refused = async (url: string, key?: string) => {
  const answer = await download(url, key)
  return [answer.statusCode, answer.json().error.reason]
}

describe('an attachment', () => {
  test('is a download that runs nothing, of a type that is shown or none', async () => {
    const attached = {
      'image/png': bytesOf('png'),
      'image/svg+xml': bytesOf('svg'),
      'text/html': bytesOf('html'),
      'IMAGE/JPEG; charset=x': bytesOf('jpeg'),
    }
    const id = await callWith(attached)
    const types: unknown[] = []
    for (const bytes of Object.values(attached)) {
      const answer = await download(pathOf(id, bytes))
      expect(answer.statusCode).toBe(200)
      expect(answer.rawPayload).toEqual(bytes)
      expect(answer.headers).toMatchObject({
        'content-disposition': 'attachment',
        'content-security-policy': 'sandbox',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
      types.push(answer.headers['content-type'])
    }
    expect(types).toEqual([
      'image/png',
      'application/octet-stream',
      'application/octet-stream',
      'image/jpeg',
    ])
  })

  test('leaves an event before it is read, and none where nothing is read', async () => {
    const bytes = bytesOf('event')
    const id = await callWith({ 'image/png': bytes })
    await download(`${pathOf(id, bytes)}?reason=ticket+17`)
    expect(await refused(pathOf(id, Buffer.from('another')))).toEqual([404, 'unknown_attachment'])
    const { events } = (
      await flint.ask('GET', `/v1/audit/events?action=attachment.read&subject=${id}`)
    ).body
    expect(events).toMatchObject([
      { actor: flint.ours.id, reason: 'ticket 17', new: { sha256: sha256(bytes) } },
    ])
  })

  test('404 says why: over the bound, gone, altered, another organisation’s, no such record', async () => {
    const [small, large] = [bytesOf('small'), bytesOf('large')]
    const id = await callWith({ 'image/png': small })
    expect(await refused(pathOf(await callWithoutBytes(large), large))).toEqual([
      404,
      'attachment_not_kept',
    ])
    expect(await refused(pathOf(id, small), flint.theirs.key)).toEqual([404, 'unknown'])
    expect(await refused(pathOf('abc', small))).toEqual([404, 'unknown'])
    expect(await refused(`/v1/audit/prompt/${id}/attachments/..%2f..%2fx`)).toEqual([
      404,
      'unknown_attachment',
    ])
    const key = attachmentKey(flint.ours.org, id, sha256(small))
    await flint.objects.put(key, Buffer.from('something else'))
    expect(await refused(pathOf(id, small))).toEqual([404, 'altered'])
    await flint.objects.delete([key])
    expect(await refused(pathOf(id, small))).toEqual([404, 'missing'])
    expect((await readsOf(id)).count).toBe(0)
  })

  test('is for the scope prompts', async () => {
    const bytes = bytesOf('scope')
    const id = await callWith({ 'image/png': bytes })
    for (const key of [keys.viewer, keys.admin])
      expect((await download(pathOf(id, bytes), key)).statusCode).toBe(403)
  })

  test('of a call that was erased is gone, and so are its reads', async () => {
    const bytes = bytesOf('erased')
    const id = await callWith({ 'image/png': bytes })
    await download(pathOf(id, bytes))
    await flint.ask('DELETE', `/v1/audit/${id}?reason=request`)
    expect(await refused(pathOf(id, bytes))).toEqual([404, 'unknown'])
    expect(await refused(`/v1/audit/prompt/${id}/reads`)).toEqual([404, 'unknown'])
  })
})

describe('reads of a prompt', () => {
  test('are listed with who, when and why, in pages; their number is for every reader of records', async () => {
    const bytes = bytesOf('reads')
    const id = await callWith({ 'image/png': bytes })
    expect(await readsOf(id)).toEqual({ count: 0, reads: [], nextCursor: null })
    await download(`/v1/audit/prompt/${id}?reason=first`)
    await download(pathOf(id, bytes))
    await download(`/v1/audit/prompt/${id}?include=all&reason=third`)
    const reader = { actor: flint.ours.id, at: expect.stringContaining('T') }
    const [third, second, first] = [
      { ...reader, reason: 'third', attachment: null },
      { ...reader, reason: null, attachment: sha256(bytes) },
      { ...reader, reason: 'first', attachment: null },
    ]
    for (const key of [flint.ours.key, keys.admin])
      expect(await readsOf(id, '', key)).toMatchObject({ count: 3, reads: [third, second, first] })
    const [{ actorName }] = (await readsOf(id)).reads
    expect(typeof actorName).toBe('string')
    expect(await readsOf(id, '', keys.viewer)).toEqual({ count: 3, reads: null, nextCursor: null })

    const page = await readsOf(id, '?limit=2')
    expect(page).toMatchObject({ count: 3, reads: [third, second] })
    const cursor = `?cursor=${encodeURIComponent(page.nextCursor)}`
    expect(await readsOf(id, cursor)).toMatchObject({ count: 3, reads: [first], nextCursor: null })
    const other = await callWith({})
    for (const wrong of [`${other}/reads${cursor}`, `${id}/reads?cursor=x`]) {
      const answer = await download(`/v1/audit/prompt/${wrong}`)
      expect([answer.statusCode, answer.json().error.message]).toEqual([
        400,
        expect.stringContaining('"cursor"'),
      ])
    }
    expect(await refused(`/v1/audit/prompt/${id}/reads`, flint.theirs.key)).toEqual([
      404,
      'unknown',
    ])
  })
})

describe('the setting promptReadReason', () => {
  test('required: neither prompt nor attachment is read without a reason', async () => {
    const bytes = bytesOf('reason')
    const id = await callWith({ 'image/png': bytes })
    const urls = [`/v1/audit/prompt/${id}`, pathOf(id, bytes)]
    const change = await flint.ask('PATCH', '/v1/settings', {
      body: { promptReadReason: 'required' },
    })
    expect(change.body).toMatchObject({ promptReadReason: 'required' })
    for (const url of urls)
      for (const reason of ['', '?reason=', '?reason=%20%20']) {
        const answer = await download(`${url}${reason}`)
        expect([answer.statusCode, answer.json().error]).toMatchObject([
          400,
          { code: 'invalid_request', message: expect.stringContaining('"reason"') },
        ])
      }
    expect((await readsOf(id)).count).toBe(0)
    for (const url of urls) expect((await download(`${url}?reason=ticket`)).statusCode).toBe(200)
    await flint.ask('PATCH', '/v1/settings', { body: { promptReadReason: 'optional' } })
    for (const url of urls) expect((await download(url)).statusCode).toBe(200)
    expect((await readsOf(id)).count).toBe(4)
    const wrong = await flint.ask('PATCH', '/v1/settings', { body: { promptReadReason: 'maybe' } })
    expect([wrong.status, wrong.body.error.message]).toEqual([
      400,
      expect.stringContaining('promptReadReason'),
    ])
  })
})
