import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesBelow, leaksOf, saidByFlint } from './support/everything-written.ts'
import type { ListedRecord } from './support/flint.ts'
import { rawCall } from './support/raw-http.ts'
import { type S3Server, startS3Server } from './support/s3-server.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const PROVIDER_KEY = 'sk-provider-0123456789k3f2'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Outlives a server that is stopped and started again. */
let s3Folder: string
let s3: S3Server
const provider = useServer(startScriptedProvider)
beforeAll(async () => {
  s3Folder = temporaryDirectory()
  s3 = await startS3Server({ directory: s3Folder })
})
afterAll(() => s3?.stop())
const flint = useFlint(() => ({
  upstream: provider.url,
  env: {
    FLINT_S3_BUCKET: s3.bucket,
    FLINT_S3_ENDPOINT: s3.endpoint,
    FLINT_S3_REGION: s3.region,
    FLINT_S3_ACCESS_KEY_ID: s3.accessKeyId,
    FLINT_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    FLINT_LOG_LEVEL: 'debug',
  },
}))

const headers = () => ({ authorization: `Bearer ${flint.key}` })
const get = async (address: string) => {
  const response = await fetch(flint.baseUrl + address, { headers: headers() })
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown> & { error?: { reason?: string } },
  }
}

/** Switches capture and waits until the gate goes by it. */
async function capture(on: boolean): Promise<void> {
  const response = await fetch(`${flint.baseUrl}/v1/settings`, {
    method: 'PATCH',
    headers: { ...headers(), 'content-type': 'application/json' },
    body: JSON.stringify({ promptCapture: on }),
  })
  expect(response.status).toBe(200)
  provider.answer(
    (_request, answer) =>
      void answer
        .writeHead(200, { 'content-type': 'application/json' })
        .end(chatCompletion('probe')),
  )
  await until(`capture to be ${on}`, 60_000, async () => {
    const id = crypto.randomUUID()
    await chat(
      { model: 'gpt-4o', messages: [{ role: 'user', content: 'probe' }] },
      { 'x-flint-request-id': id },
    )
    return (await named(id)).promptCapture === on
  })
}

const chat = (
  body: unknown,
  extra: Record<string, string> = {},
  address = 'openai/chat/completions',
) =>
  rawCall(`${flint.baseUrl}/v1/proxy/${address}`, {
    headers: {
      ...headers(),
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
      ...extra,
    },
    body: JSON.stringify(body),
  })

/** The record of the call that claimed this id. */
async function named(id: string): Promise<ListedRecord> {
  let found: ListedRecord | undefined
  await until(`the record of ${id}`, 20_000, async () => {
    found = (await flint.records({ limit: '50' })).find(
      ({ claimedRequestId }) => claimedRequestId === id,
    )
    return found !== undefined
  })
  if (!found) throw new Error('unreachable')
  return found
}

async function storedPrompt(requestId: string) {
  let answer = await get(`/v1/audit/prompt/${requestId}?include=all`)
  await until(`the prompt of ${requestId}`, 20_000, async () => {
    answer = await get(`/v1/audit/prompt/${requestId}?include=all`)
    return answer.body.error?.reason !== 'not_yet_stored'
  })
  return answer
}

describe('with capture off', () => {
  test('no text of a prompt or an answer reaches any disk, log, metric or error text', async () => {
    const secretTexts: string[] = []
    const secretText = () => {
      const text = `private${crypto.randomUUID().replaceAll('-', '')}`
      secretTexts.push(text)
      return text
    }
    /** Bytes of a picture, which may leak as they are and in base64. */
    const picture = () => {
      const base64 = Buffer.from(secretText()).toString('base64')
      secretTexts.push(base64)
      return base64
    }
    provider.answer((request, response) => {
      const { pathname } = new URL(request.url, 'http://x')
      if (request.url.includes('fail'))
        // A provider that quotes the prompt in its error.
        response.writeHead(400, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            error: { message: `bad: ${request.body}`, type: 'invalid_request_error' },
          }),
        )
      else if (String(request.body).includes('"stream":true')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(
          `data: ${JSON.stringify({ model: 'gpt-4o', choices: [{ index: 0, delta: { content: secretText() } }] })}\n\n`,
        )
        if (String(request.body).includes('cut')) response.destroy()
        else
          response.end(
            `data: ${JSON.stringify({ error: { message: secretText(), type: 'server_error' } })}\n\ndata: [DONE]\n\n`,
          )
      } else if (pathname.includes('messages'))
        response.writeHead(200, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            type: 'message',
            model: 'claude-haiku-4-5',
            content: [
              { type: 'text', text: secretText() },
              { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: secretText() } },
            ],
            usage: { input_tokens: 1, output_tokens: 1 },
          }),
        )
      else if (pathname.includes('speech'))
        response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(secretText())
      else if (pathname.includes('images'))
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ data: [{ b64_json: picture(), revised_prompt: secretText() }] }))
      else
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(chatCompletion(secretText()))
    })
    const message = () => [
      { role: 'system', content: secretText() },
      {
        role: 'user',
        content: [
          { type: 'text', text: secretText() },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${picture()}` } },
        ],
      },
    ]
    const calls: Array<Promise<unknown>> = [
      chat({ model: 'gpt-4o', messages: message() }),
      chat({ model: 'gpt-4o', stream: true, messages: message() }),
      chat({ model: 'gpt-4o', stream: true, user: 'cut', messages: message() }).catch(
        () => undefined,
      ),
      chat({ model: 'gpt-4o', messages: message() }, {}, 'openai/fail'),
      chat(
        { model: 'claude-haiku-4-5', system: secretText(), messages: message() },
        {},
        'anthropic/v1/messages',
      ),
      chat(
        { contents: [{ parts: [{ text: secretText() }] }] },
        {},
        'gemini/v1beta/models/gemini-2.5-flash:generateContent',
      ),
      chat({ model: 'tts-1', input: secretText() }, {}, 'openai/audio/speech'),
      chat({ model: 'gpt-image-1', prompt: secretText() }, {}, 'openai/images/generations'),
      chat(`{"model": broken ${secretText()}`),
      chat(
        { model: 'gpt-4o', input: secretText(), instructions: secretText() },
        {},
        'openai/responses',
      ),
      chat({ anything: secretText() }, {}, 'openai/unknown/endpoint'),
      fetch(`${flint.baseUrl}/v1/audit/report`, {
        method: 'POST',
        headers: { ...headers(), 'content-type': 'application/json' },
        body: JSON.stringify({
          provider: 'openai',
          endpoint: '/v1/chat/completions',
          response: JSON.parse(chatCompletion(secretText())),
          messages: message(),
          system: secretText(),
        }),
      }),
      // Refused reports, whose errors must not quote them.
      fetch(`${flint.baseUrl}/v1/audit/report`, {
        method: 'POST',
        headers: { ...headers(), 'content-type': 'application/json' },
        body: JSON.stringify({
          provider: secretText(),
          endpoint: '/v1/x',
          response: secretText(),
          messages: secretText(),
        }),
      }).then(async (answer) => {
        // The error names the unknown provider, which the caller sent, and nothing else of the row.
        expect(answer.status).toBe(400)
      }),
    ]
    await Promise.all(calls)
    const records = await flint.settled(12, {}, 30_000)
    expect(
      records.every(
        ({
          promptCapture,
          promptPreview,
          lastUserPreview,
          promptHash,
          completionPreview,
          promptS3Key,
        }) =>
          promptCapture !== true &&
          [promptPreview, lastUserPreview, promptHash, completionPreview, promptS3Key].every(
            (value) => value === null,
          ),
      ),
    ).toBe(true)
    for (const { requestId } of records)
      expect((await get(`/v1/audit/prompt/${requestId}`)).body.error?.reason).toBe('capture_off')
    const { leaks, searched } = leaksOf(
      secretTexts,
      [flint.dataDir, s3.directory],
      [JSON.stringify(records), ...(await saidByFlint(flint))],
    )
    expect(leaks).toEqual([])
    expect(searched).toBeGreaterThan(20)
    expect(secretTexts.length).toBeGreaterThan(20)
  })
})

describe('with capture on', () => {
  beforeAll(() => capture(true))

  test('a call of the SDK leaves previews and hash in its record and the whole text in S3, in a stream as well', async () => {
    const openai = new OpenAI({
      apiKey: PROVIDER_KEY,
      baseURL: `${flint.baseUrl}/v1/proxy/openai`,
      maxRetries: 0,
      defaultHeaders: {
        ...headers(),
        Authorization: `Bearer ${flint.key}`,
        'x-provider-key': PROVIDER_KEY,
      },
    })
    const prompt = `Be brief.\n\nSummarise ${'this contract '.repeat(20)}`
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: prompt.slice('Be brief.\n\n'.length) },
    ]
    for (const stream of [false, true]) {
      const id = `capture-${stream}`
      provider.answer((_request, response) => {
        if (!stream)
          return void response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(chatCompletion('1. Net-30. 2. Two years.'))
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const content of ['1. Net-', '30. 2. Two', ' years.'])
          response.write(
            `data: ${JSON.stringify({ model: 'gpt-4o', choices: [{ index: 0, delta: { content } }] })}\n\n`,
          )
        response.end('data: [DONE]\n\n')
      })
      const options = { headers: { 'x-flint-request-id': id } }
      if (stream)
        for await (const _ of await openai.chat.completions.create(
          { model: 'gpt-4o', messages, stream },
          options,
        ));
      else await openai.chat.completions.create({ model: 'gpt-4o', messages }, options)
      const record = await named(id)
      expect(record).toMatchObject({
        promptCapture: true,
        promptPreview: prompt.slice(0, 100),
        lastUserPreview: prompt.slice('Be brief.\n\n'.length).slice(0, 100),
        promptHash: sha256(prompt),
        completionPreview: '1. Net-30. 2. Two years.',
        promptS3Key: expect.stringMatching(
          new RegExp(`^org_[0-9a-f]+/\\d{4}-\\d\\d-\\d\\d/${record.requestId}\\.json\\.gz$`),
        ),
        contentGap: null,
      })
      expect((await storedPrompt(record.requestId)).body).toMatchObject({
        prompt,
        completion: '1. Net-30. 2. Two years.',
        provider: 'openai',
        completionTruncated: false,
      })
      const short = await get(`/v1/audit/prompt/${record.requestId}`)
      expect(Object.keys(short.body)).toEqual(['prompt', 'completion', 'provider', 'model'])
    }
  })

  test('the object in S3 is compressed, whole and nowhere else on this machine; the SQL view names its key', async () => {
    const marked = `marked${crypto.randomUUID()}`
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(chatCompletion('ok')),
    )
    await chat(
      { model: 'gpt-4o', messages: [{ role: 'user', content: `${'x'.repeat(200)} ${marked}` }] },
      { 'x-flint-request-id': marked },
    )
    const { requestId, promptS3Key } = await named(marked)
    expect((await storedPrompt(requestId)).status).toBe(200)
    const objects = [...filesBelow(s3.directory)].filter(
      (file) => file.includes(requestId) && fs.statSync(file).size > 0,
    )
    const texts = objects.flatMap((file) => {
      try {
        return [gunzipSync(fs.readFileSync(file)).toString()]
      } catch {
        // The server's own notes about the object.
        return []
      }
    })
    expect(texts.map((text) => (JSON.parse(text) as { prompt: string }).prompt)).toEqual([
      `${'x'.repeat(200)} ${marked}`,
    ])
    expect(
      await flint.sql(`SELECT content_key FROM calls WHERE record_id = '${requestId}'`),
    ).toEqual([{ content_key: promptS3Key }])
    // Beyond the preview the text is in no row and, once it is stored, in no file.
    await until(
      'the spool of content to be empty',
      10_000,
      () => leaksOf([marked], [path.join(flint.dataDir, 'spool-content')], []).leaks.length === 0,
    )
    expect(
      leaksOf(
        [marked],
        [path.join(flint.dataDir, 'spool'), path.join(flint.dataDir, 'logs')],
        [await flint.cli('metrics')],
      ).leaks.filter((leak) => !leak.includes('envoy')),
    ).toEqual([])
  })

  test('an image that two answers and a prompt carry, and speech, are in S3 once each by their hash; the prompt is shown beside them', async () => {
    const image = randomBytes(200_000)
    const sound = randomBytes(90_000)
    const b64 = image.toString('base64')
    provider.answer((request, response) => {
      if (request.url.includes('speech'))
        response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(sound)
      else if (String(request.body).includes('"stream":true')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(
          `data: ${JSON.stringify({ type: 'image_generation.partial_image', b64_json: 'bm8=', partial_image_index: 0 })}\n\n`,
        )
        response.end(
          `data: ${JSON.stringify({ type: 'image_generation.completed', b64_json: b64, output_format: 'png' })}\n\n`,
        )
      } else if (request.url.includes('images'))
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ data: [{ b64_json: b64 }] }))
      else
        response.writeHead(200, { 'content-type': 'application/json' }).end(chatCompletion('a cat'))
    })
    const look = [
      {
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${b64}` } }],
      },
    ]
    const calls = {
      plain: await chat(
        { model: 'gpt-image-1', prompt: 'a cat' },
        { 'x-flint-request-id': 'image-plain' },
        'openai/images/generations',
      ),
      streamed: await chat(
        { model: 'gpt-image-1', prompt: 'a cat', stream: true },
        { 'x-flint-request-id': 'image-streamed' },
        'openai/images/generations',
      ),
      seen: await chat({ model: 'gpt-4o', messages: look }, { 'x-flint-request-id': 'image-seen' }),
      spoken: await chat(
        { model: 'tts-1', input: 'meow' },
        { 'x-flint-request-id': 'image-spoken' },
        'openai/audio/speech',
      ),
    }
    const attached = async (name: keyof typeof calls) => {
      const { requestId } = await named(`image-${name}`)
      const { body } = await storedPrompt(requestId)
      return {
        prompt: body['prompt'],
        completion: body['completion'],
        attachments: body['attachments'],
      }
    }
    const kept = (content: Buffer, known: object) => ({
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
      key: expect.stringMatching(
        new RegExp(`/attachments/${createHash('sha256').update(content).digest('hex')}$`),
      ),
      ...known,
    })
    const answered = { direction: 'response', kind: 'image' }
    expect(await attached('plain')).toEqual({
      prompt: 'a cat',
      completion: null,
      attachments: [kept(image, { ...answered, mediaType: null })],
    })
    expect((await attached('streamed')).attachments).toEqual([
      kept(image, { ...answered, mediaType: 'image/png' }),
    ])
    expect(await attached('seen')).toEqual({
      prompt: null,
      completion: 'a cat',
      attachments: [kept(image, { direction: 'request', kind: 'image', mediaType: 'image/png' })],
    })
    expect(await attached('spoken')).toEqual({
      prompt: 'meow',
      completion: null,
      attachments: [kept(sound, { direction: 'response', kind: 'audio', mediaType: 'audio/mpeg' })],
    })
    const stored = [...filesBelow(s3.directory)].map((file) => fs.readFileSync(file))
    for (const content of [image, sound])
      expect(stored.filter((bytes) => bytes.equals(content))).toHaveLength(1)
    const { requestId } = await named('image-plain')
    expect((await get(`/v1/audit/prompt/${requestId}`)).body).toMatchObject({
      prompt: 'a cat',
      completion: null,
      provider: 'openai',
    })
  })

  test('S3 away: calls and records go on, the prompt waits and says so, and arrives when S3 is back', async () => {
    await s3.stop()
    const id = crypto.randomUUID()
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(chatCompletion('meanwhile')),
    )
    expect(
      (
        await chat(
          { model: 'gpt-4o', messages: [{ role: 'user', content: 'while S3 is away' }] },
          { 'x-flint-request-id': id },
        )
      ).status,
    ).toBe(200)
    const record = await named(id)
    expect(record).toMatchObject({ outcome: 'complete', promptPreview: 'while S3 is away' })
    await until(
      'the metric that says so',
      20_000,
      async () => (await flint.metrics()).get('flint_content_waiting') === 1,
    )
    expect((await get(`/v1/audit/prompt/${record.requestId}`)).status).toBe(503)
    s3 = await startS3Server({ port: Number(new URL(s3.endpoint).port), directory: s3.directory })
    expect((await storedPrompt(record.requestId)).body).toMatchObject({
      prompt: 'while S3 is away',
      completion: 'meanwhile',
    })
    await until(
      'nothing to wait any more',
      20_000,
      async () => (await flint.metrics()).get('flint_content_waiting') === 0,
    )
  })

  test('switched off again, the next calls are not kept; what was kept stays', async () => {
    const kept = (await flint.records()).filter(({ promptS3Key }) => promptS3Key !== null)
    expect(kept.length).toBeGreaterThan(3)
    await capture(false)
    const id = crypto.randomUUID()
    await chat(
      { model: 'gpt-4o', messages: [{ role: 'user', content: 'not for keeping' }] },
      { 'x-flint-request-id': id },
    )
    expect(await named(id)).toMatchObject({
      promptCapture: false,
      promptPreview: null,
      promptHash: null,
      promptS3Key: null,
    })
    for (const { requestId } of kept) expect((await storedPrompt(requestId)).status).toBe(200)
  })
})

test('every read of a prompt is an event, as `flint events` and the API tell it', async () => {
  const kept = (await flint.records()).find(({ promptS3Key }) => promptS3Key !== null)
  await get(`/v1/audit/prompt/${kept?.requestId}?reason=${encodeURIComponent('why not')}`)
  const { body } = await get(`/v1/audit/events?action=prompt.read&limit=1`)
  expect(body).toMatchObject({
    events: [{ action: 'prompt.read', subject: kept?.requestId, reason: 'why not' }],
  })
  expect(await flint.cli('events', '--action', 'prompt.read', '--limit', '1', '--json')).toContain(
    'why not',
  )
})
