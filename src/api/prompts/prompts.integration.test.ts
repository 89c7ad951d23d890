import { Buffer } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { until } from '../../../test/support/until.ts'
import { contentKey } from '../../content/content-key.ts'
import { packDocument } from '../../content/stored-content.ts'
import { DAY_MS } from '../../evidence/day.ts'
import {
  sampleCall,
  sampleContent,
  sampleIntent,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'

let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
})
afterAll(() => flint?.stop())

const response = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024-08-06',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: '1. Payment terms are net-30.' },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
}
const PROMPT = 'Summarise this contract in 3 bullets.'
const messages = [{ role: 'user', content: PROMPT }]
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const capture = (on: boolean, rest: object = {}) =>
  flint.ask('PATCH', '/v1/settings', { body: { promptCapture: on, ...rest } })

/** A call that its client reports, delivered. */
async function report(body: object = {}, key?: string): Promise<string> {
  const answer = await flint.ask('POST', '/v1/audit/report', {
    body: { provider: 'openai', endpoint: '/v1/chat/completions', response, messages, ...body },
    ...(key === undefined ? {} : { key }),
  })
  expect(answer.status).toBe(202)
  await flint.deliver()
  return answer.body.requestId
}

const prompt = (id: string, { key, query = '' }: { key?: string; query?: string } = {}) =>
  flint.ask('GET', `/v1/audit/prompt/${id}${query}`, key === undefined ? {} : { key })
const record = async (id: string, key?: string) =>
  (await flint.ask('GET', `/v1/audit/${id}`, key === undefined ? {} : { key })).body

async function refused(id: string, options?: { key?: string }): Promise<string | undefined> {
  const { status, body } = await prompt(id, options)
  expect([status, body.error.code]).toEqual([404, 'not_found'])
  return body.error.reason
}

describe('with capture on', () => {
  test('a report leaves preview, hash and key in its record, and the full text behind the key; the preview of the completion is the proxy’s alone', async () => {
    await capture(true)
    const id = await report()
    expect(await record(id)).toMatchObject({
      source: 'client',
      promptCapture: true,
      promptPreview: PROMPT,
      lastUserPreview: PROMPT,
      promptHash: sha256(PROMPT),
      completionPreview: null,
      promptS3Key: contentKey(flint.ours.org, id),
      contentGap: null,
    })
    expect((await prompt(id)).body).toEqual({
      prompt: PROMPT,
      completion: '1. Payment terms are net-30.',
      provider: 'openai',
      model: 'gpt-4o-2024-08-06',
    })
  })

  test('without messages the report is recorded, and there is no prompt', async () => {
    const id = await report({ messages: undefined })
    expect(await record(id)).toMatchObject({
      totalTokens: 15,
      promptPreview: null,
      promptHash: null,
    })
    expect((await prompt(id)).body).toMatchObject({
      prompt: null,
      completion: '1. Payment terms are net-30.',
    })
  })

  test('Anthropic’s system prompt is part of it, tool calls and images lie beside it', async () => {
    const data = Buffer.from('an image of a test')
    const id = await report({
      provider: 'anthropic',
      endpoint: '/v1/messages',
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: data.toString('base64') },
            },
          ],
        },
      ],
      response: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-haiku-4-5',
        content: [
          { type: 'text', text: 'Let me look.' },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: { closely: true } },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 3, output_tokens: 4 },
      },
    })
    const { body } = await prompt(id, { query: '?include=all' })
    expect(body).toMatchObject({
      prompt: 'Be brief.\n\nWhat is this?',
      completion: 'Let me look.',
      requestId: id,
      promptTruncated: false,
      toolCalls: [{ index: 0, id: 'toolu_1', name: 'look', argumentsJson: '{"closely":true}' }],
      attachments: [
        {
          kind: 'image',
          mediaType: 'image/png',
          bytes: data.length,
          sha256: sha256('an image of a test'),
        },
      ],
    })
    expect(body).toMatchObject({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.', truncated: false }] },
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'What is this?', truncated: false },
            {
              type: 'attachment',
              kind: 'image',
              mediaType: 'image/png',
              sha256: sha256('an image of a test'),
              bytes: data.length,
              kept: true,
              name: null,
              url: null,
              fileId: null,
            },
          ],
        },
        {
          role: 'assistant',
          parts: [
            { type: 'text', text: 'Let me look.', truncated: false },
            {
              type: 'toolCall',
              id: 'toolu_1',
              name: 'look',
              arguments: '{"closely":true}',
              truncated: false,
            },
          ],
        },
      ],
      messagesGap: null,
      messagesTruncated: false,
    })
    const [image] = body.attachments
    expect(await flint.objects.get(image?.key ?? '')).toEqual(data)
  })

  test('in mode hmac the hash is the organisation’s own', async () => {
    await capture(true, { promptHashMode: 'hmac' })
    const id = await report()
    const keyed = createHmac('sha256', Buffer.from('secret of hashes'))
      .update(`${flint.ours.org}\n${sha256(PROMPT)}`)
      .digest('hex')
    expect((await record(id)).records).toBeUndefined()
    expect(await record(id)).toMatchObject({ promptHash: keyed })
    await capture(true, { promptHashMode: 'sha256' })
  })

  test('keys in a prompt are not kept, unless the organisation wants it', async () => {
    const pasted = `sk-${'proj'}-${'a1b2c3d4'.repeat(5)}`
    const id = await report({ messages: [{ role: 'user', content: `my key is ${pasted}` }] })
    expect(JSON.stringify([await record(id), (await prompt(id)).body])).not.toContain('a1b2c3d4')
    expect(await record(id)).toMatchObject({
      promptPreview: 'my key is [redacted:openai-key]',
      lastUserPreview: 'my key is [redacted:openai-key]',
      promptHash: sha256(`my key is ${pasted}`),
    })
    await capture(true, { redactStoredContent: false })
    expect(
      (await prompt(await report({ messages: [{ role: 'user', content: pasted }] }))).body.prompt,
    ).toBe(pasted)
    await capture(true, { redactStoredContent: true })
  })

  test('every read is an event with its reason, and none happens without', async () => {
    const id = await report()
    await prompt(id, { query: `?${new URLSearchParams({ reason: 'ticket 17' })}` })
    await refused(sampleRecordId(Date.now(), 77))
    const { events } = (await flint.ask('GET', `/v1/audit/events?action=prompt.read&subject=${id}`))
      .body
    expect(events).toMatchObject([
      { actor: flint.ours.id, action: 'prompt.read', subject: id, reason: 'ticket 17' },
    ])
  })

  test('previews and hash are for keys with scope prompts, so is the text', async () => {
    const id = await report()
    const reader = (
      await flint.ask('POST', '/v1/keys', { body: { name: 'reader', scopes: ['read'] } })
    ).body.key
    expect(await record(id, reader)).toMatchObject({
      promptCapture: true,
      promptPreview: null,
      lastUserPreview: null,
      promptHash: null,
      totalTokens: 15,
    })
    expect((await prompt(id, { key: reader })).status).toBe(403)
    const { records } = (await flint.ask('GET', '/v1/audit', { key: reader })).body
    expect(
      records.every(({ promptPreview, lastUserPreview, promptHash, completionPreview }) =>
        [promptPreview, lastUserPreview, promptHash, completionPreview].every(
          (value) => value === null,
        ),
      ),
    ).toBe(true)
  })
})

test('an object of an earlier build is shown as the one text that it has, and says so', async () => {
  const at = { org: flint.ours.org, createdAtMs: Date.now() }
  const call = { ...at, id: 61 }
  const document = JSON.stringify({
    format: 'flint-content/1',
    requestId: sampleRecordId(at.createdAtMs, 61),
    prompt: 'Be brief.\n\nHi',
    completion: 'Hello',
    provider: 'openai',
    model: null,
    endpoint: null,
    promptTruncated: false,
    completionTruncated: false,
    toolCalls: [],
    attachments: [],
  })
  const key = contentKey(call.org, sampleRecordId(at.createdAtMs, 61))
  const content = { content_key: key, content_sha256: sha256(document) }
  await flint.put(
    ...sampleCall(call).map((row) =>
      row.kind === 'intent' || row.kind === 'observation'
        ? { ...row, ...(row.kind === 'observation' ? content : {}), capture: true }
        : row,
    ),
    sampleContent(call, content),
  )
  await flint.objects.put(key, await packDocument(document))
  const { body } = await prompt(sampleRecordId(at.createdAtMs, 61), { query: '?include=all' })
  expect(body).toMatchObject({
    prompt: 'Be brief.\n\nHi',
    completion: 'Hello',
    messages: null,
    messagesGap: 'earlier_format',
    messagesTruncated: null,
  })
})

test('markup, halves of pairs and 10,000 messages are answered as they were sent', async () => {
  const said = [
    '<script>alert(1)</script>',
    '</script><img src=x onerror=y>',
    '\u202e\u0000',
    'a\ud83d',
  ]
  const many = Array.from({ length: 10_000 }, (_, at) => ({
    role: 'user',
    content: said[at] ?? `${at}`,
  }))
  const id = await report({ messages: many })
  const answer = await prompt(id, { query: '?include=all' })
  expect(answer.body.messages).toHaveLength(10_001)
  expect(answer.body.messages.slice(0, 5).map(({ parts }) => parts[0]?.text)).toEqual([
    ...said.slice(0, 3),
    'a\ufffd',
    '4',
  ])
})

/** A call whose observation never ended is open for the grace of its copy. */
describe('404 says why', () => {
  test('capture was off when the call was made, also if it is on now', async () => {
    await capture(false)
    const id = await report()
    await capture(true)
    expect(await record(id)).toMatchObject({
      promptCapture: false,
      promptPreview: null,
      lastUserPreview: null,
      promptS3Key: null,
    })
    expect(await refused(id)).toBe('capture_off')
  })

  test('unknown: no such record, another organisation’s, an id that is none', async () => {
    const theirs = await report({}, flint.theirs.key)
    for (const id of [sampleRecordId(Date.now(), 5), theirs, 'abc-123', '..%2f..%2fetc'])
      expect(await refused(id)).toBe('unknown')
  })

  test('not yet stored, while it is on its way', async () => {
    const call = { org: flint.ours.org, createdAtMs: Date.now(), id: 31 }
    await flint.put(
      ...sampleCall(call).map((row) => ({
        ...row,
        ...(row.kind === 'intent' ? { capture: true } : {}),
        ...(row.kind === 'observation'
          ? { content_key: contentKey(call.org, row.record_id), content_sha256: 'ab'.repeat(32) }
          : {}),
      })),
    )
    expect(await refused(sampleRecordId(call.createdAtMs, 31))).toBe('not_yet_stored')
    await flint.put(sampleIntent({ ...call, id: 32 }, { capture: true }))
    expect(await refused(sampleRecordId(call.createdAtMs, 32))).toBe('not_yet_stored')
  })

  test('not yet stored, while the store still has the object of an earlier moment of the call; a killed observer’s last one is shown', async () => {
    const early = JSON.stringify({
      prompt: 'early',
      completion: null,
      provider: 'openai',
      model: null,
    })
    const hash = createHash('sha256').update(early).digest('hex')
    const at = { org: flint.ours.org, createdAtMs: Date.now() }
    for (const [id, final] of [
      [35, true],
      [36, false],
    ] as const) {
      const call = { ...at, id }
      const key = contentKey(call.org, sampleRecordId(at.createdAtMs, id))
      const content = { content_key: key, content_sha256: 'cd'.repeat(32) }
      await flint.put(
        ...sampleCall(call).map((row) =>
          row.kind === 'intent'
            ? { ...row, capture: true }
            : row.kind === 'observation'
              ? { ...row, ...content, capture: true, final }
              : { ...row, response_flags: 'DC' },
        ),
        sampleContent(call, { content_key: key, content_sha256: hash }),
      )
      await flint.objects.put(key, await packDocument(early))
    }
    expect(await refused(sampleRecordId(at.createdAtMs, 35))).toBe('not_yet_stored')
    await until(
      'the object of the killed observer',
      30_000,
      async () => (await prompt(sampleRecordId(at.createdAtMs, 36))).body.prompt === 'early',
    )
  })

  test('not kept: there was no space; no content: there was no text', async () => {
    const at = { org: flint.ours.org, createdAtMs: Date.now() }
    const [full, empty] = [
      { ...at, id: 41 },
      { ...at, id: 42 },
    ]
    for (const call of [full, empty])
      await flint.put(
        ...sampleCall(call).map((row) =>
          row.kind === 'observation'
            ? { ...row, capture: true, content_gap: call === full ? ('spool_full' as const) : null }
            : row.kind === 'intent'
              ? { ...row, capture: true }
              : row,
        ),
      )
    expect(await refused(sampleRecordId(at.createdAtMs, 41))).toBe('not_kept')
    expect(await refused(sampleRecordId(at.createdAtMs, 42))).toBe('no_content')
  })

  test('missing and altered: what is read back is what was written, or nothing', async () => {
    const id = await report()
    const key = contentKey(flint.ours.org, id)
    await flint.objects.put(key, await packDocument(JSON.stringify({ prompt: 'something else' })))
    expect(await refused(id)).toBe('altered')
    await flint.objects.delete([key])
    expect(await refused(id)).toBe('missing')
    expect(
      (await flint.ask('GET', `/v1/audit/events?action=prompt.read&subject=${id}`)).body.events,
    ).toEqual([])
  })

  test('expired: content’s time is over before its record’s', async () => {
    await capture(true, { contentRetentionDays: 1, retentionDays: 30 })
    const call = { org: flint.ours.org, createdAtMs: Date.now() - 2 * DAY_MS, id: 51 }
    await flint.put(
      ...sampleCall(call).map((row) => (row.kind === 'intent' ? { ...row, capture: true } : row)),
    )
    const id = sampleRecordId(call.createdAtMs, 51)
    expect(await refused(id)).toBe('expired')
    expect(await record(id)).toMatchObject({ requestId: id })
    await capture(true, { contentRetentionDays: 30 })
    expect(await refused(id)).toBe('no_content')
  })
})
