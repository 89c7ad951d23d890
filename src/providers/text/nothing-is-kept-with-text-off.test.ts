import { createHash } from 'node:crypto'
import v8 from 'node:v8'
import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import { type PlayedCall, play, SSE, sse, started } from '../fixtures/play.ts'
import { createExchangeReader } from '../reading/exchange-reader.ts'
import { extractFromReport } from '../reading/report.ts'
import { definitionOf } from '../registry.ts'

const MARK = 'marked-words'
const MARKED_BYTES = 'marked-bytes'
const MARKED_IMAGE = Buffer.from(MARKED_BYTES).toString('base64')
const MARKED_HASH = createHash('sha256').update(MARKED_BYTES).digest('hex')
const CALLS: Readonly<Record<string, PlayedCall>> = {
  chat: {
    request: JSON.stringify({
      model: 'm',
      messages: [{ content: MARK }, { content: [{ type: 'text', text: MARK }] }],
      user: MARK,
    }),
    answer: JSON.stringify({
      choices: [{ message: { content: MARK, tool_calls: [{ function: { arguments: MARK } }] } }],
    }),
  },
  'a chat stream': {
    request: JSON.stringify({ messages: [{ content: MARK }] }),
    answer: sse(
      { choices: [{ delta: { content: MARK } }] },
      { error: { type: 'overloaded', message: MARK } },
    ),
    answerType: SSE,
  },
  responses: {
    endpoint: '/v1/responses',
    request: JSON.stringify({ instructions: MARK, input: MARK }),
    answer: JSON.stringify({
      instructions: MARK,
      output: [{ type: 'message', content: [{ type: 'output_text', text: MARK }] }],
    }),
  },
  Anthropic: {
    provider: 'anthropic',
    endpoint: '/v1/messages',
    request: JSON.stringify({ system: MARK, messages: [{ content: MARK }] }),
    answer: JSON.stringify({ content: [{ type: 'text', text: MARK }] }),
  },
  Gemini: {
    provider: 'gemini',
    endpoint: '/v1/models/m:generateContent',
    request: JSON.stringify({ contents: [{ parts: [{ text: MARK }] }] }),
    answer: JSON.stringify({ candidates: [{ content: { parts: [{ text: MARK }] } }] }),
  },
  'an image answer': {
    endpoint: '/v1/images/generations',
    request: JSON.stringify({ prompt: MARK }),
    answer: JSON.stringify({ data: [{ b64_json: MARKED_IMAGE }] }),
  },
  'an image stream': {
    endpoint: '/v1/images/edits',
    request: JSON.stringify({ prompt: MARK, stream: true }),
    answer: sse({ type: 'image_edit.completed', b64_json: MARKED_IMAGE }),
    answerType: SSE,
  },
  'a spoken answer': {
    request: JSON.stringify({ messages: [{ content: MARK }] }),
    answer: JSON.stringify({
      choices: [{ message: { audio: { data: MARKED_IMAGE, transcript: MARK } } }],
    }),
  },
  speech: {
    endpoint: '/v1/audio/speech',
    request: JSON.stringify({ input: MARK }),
    answer: MARKED_BYTES,
    answerType: 'audio/mpeg',
  },
  'a Gemini image': {
    provider: 'gemini',
    endpoint: '/v1/models/m:generateContent',
    request: JSON.stringify({ contents: [{ parts: [{ text: MARK }] }] }),
    answer: JSON.stringify({
      candidates: [
        { content: { parts: [{ inlineData: { mimeType: 'image/png', data: MARKED_IMAGE } }] } },
      ],
    }),
  },
  'a refusal': {
    request: JSON.stringify({ messages: [{ content: MARK }] }),
    answer: `{"error":{"message":"${MARK}"}}`,
    status: 400,
  },
}

/**
 * Whether a string on this process's heap holds these bytes: looked for as bytes, so that the
 * search is not what it finds.
 */
async function isOnHeap(bytes: Buffer): Promise<boolean> {
  let tail = Buffer.alloc(0)
  let found = false
  for await (const chunk of v8.getHeapSnapshot()) {
    const text = Buffer.concat([tail, Buffer.from(chunk)])
    found ||= text.includes(bytes)
    tail = Buffer.from(text.subarray(-bytes.length))
  }
  return found
}

describe('with text off', () => {
  test.each(Object.entries(CALLS))('the facts hold no text of %s', async (_, call) => {
    for (const chunkBytes of [null, 5]) {
      const facts = await play({ ...call, chunkBytes })
      expect(facts.text).toBeNull()
      for (const trace of [MARK, MARKED_BYTES, MARKED_IMAGE, MARKED_HASH])
        expect(JSON.stringify(facts)).not.toContain(trace)
      const withText = await play({ ...call, chunkBytes, text: true })
      expect(JSON.stringify(withText.text)).toContain(MARK)
      const isAttached = [MARKED_BYTES, MARKED_IMAGE].some((marked) =>
        String(call.answer).includes(marked),
      )
      expect(JSON.stringify(withText.text).includes(MARKED_HASH)).toBe(isAttached)
      expect({ ...withText, text: null }).toEqual(facts)
    }
  })

  test('the facts of a report hold no text of it', () => {
    const report = {
      provider: definitionOf('openai'),
      endpoint: '/v1/chat/completions',
      response: { choices: [{ message: { content: MARK } }] },
    } as const
    expect(
      JSON.stringify(
        extractFromReport({ ...report, messages: [{ role: 'user', content: MARK }], system: MARK }),
      ),
    ).not.toContain(MARK)
  })

  test.each([
    [false, 'the memory of a reader holds no word either'],
    [true, '(with text on it does, which proves the search)'],
  ])('text %s: %s', { timeout: 60_000 }, async (text) => {
    // Never a string here: only its bytes, turned by one or two so that each run has its own.
    const secret = Buffer.from('xpset.uibu.bsf.opxifsf.fmtf').map((byte) => byte - (text ? 2 : 1))
    const reader = createExchangeReader(
      {
        provider: definitionOf('openai'),
        method: 'POST',
        endpoint: '/v1/chat/completions',
        query: '',
        contentType: null,
        contentEncoding: null,
      },
      { text },
    )
    const body = (head: string, tail: string) =>
      Buffer.concat([Buffer.from(head), secret, Buffer.from(tail)])
    reader.requestBody(body('{"model":"m","messages":[{"role":"user","content":"', '"},'))
    reader.responseStart({
      status: 200,
      contentType: SSE,
      contentEncoding: null,
      header: () => undefined,
    })
    reader.responseBody(body('data: {"choices":[{"index":0,"delta":{"content":"', '"}}]}\n\n'))
    reader.responseBody(body('data: {"choices":[{"index":0,"delta":{"content":"', ''))
    // Flattens nothing and frees nothing by itself: what is reachable now is what a reader keeps in
    // the middle of a call.
    expect(await isOnHeap(Buffer.from(secret))).toBe(text)
    reader.discard()
  })

  test.each([
    ['/v1/audio/speech', 'audio/wav', ''],
    ['/v1/images/generations', 'application/json', '{"data":[{"b64_json":"'],
  ])(
    '%s: no byte of what is attached is held either (with text on they are, which proves the measure)',
    { timeout: 60_000 },
    (endpoint, answerType, head) => {
      const chunk = Buffer.alloc(1024 * 1024, 'A')
      const heldBytes = (text: boolean) => {
        const before = buffersHeld()
        const reader = started({ endpoint, answerType, text, maxAttachmentBytes: 64 * 1024 * 1024 })
        reader.responseBody(Buffer.from(head))
        for (let at = 0; at < 32; at++) reader.responseBody(chunk)
        const held = buffersHeld() - before
        reader.discard()
        return held
      }
      expect(heldBytes(false)).toBeLessThan(1024 * 1024)
      expect(heldBytes(true)).toBeGreaterThan(20 * 1024 * 1024)
    },
  )
})

v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc') as () => void

/** Bytes of all buffers of this process that somebody still holds. */
function buffersHeld(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}
