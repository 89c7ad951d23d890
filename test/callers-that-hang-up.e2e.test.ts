import { describe, expect, test } from 'vitest'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { recordsByClaim } from './support/records.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { useFlint, useServer } from './support/use-flint.ts'

/*
 * Many clients close the connection when they have read the protocol's last event, and the provider
 * ends the body a moment later (Codex, the OpenAI Python SDK, LangChain and others).
 */

interface Protocol {
  readonly path: string
  readonly events: readonly string[]
}

const data = (event: unknown) => `data: ${JSON.stringify(event)}\n\n`
const RESPONSE = { id: 'resp_1', model: 'gpt-4o-2024-08-06' }
const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  chat: {
    path: 'openai/chat/completions',
    events: [
      data({ id: 'c', model: 'gpt-4o', choices: [{ index: 0, delta: { content: 'hi' } }] }),
      data({ id: 'c', model: 'gpt-4o', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
      data({
        id: 'c',
        model: 'gpt-4o',
        choices: [],
        usage: { prompt_tokens: 4, completion_tokens: 5, total_tokens: 9 },
      }),
      'data: [DONE]\n\n',
    ],
  },
  responses: {
    path: 'openai/responses',
    events: [
      data({ type: 'response.created', response: { ...RESPONSE, status: 'in_progress' } }),
      data({ type: 'response.output_text.delta', output_index: 0, delta: 'hi' }),
      data({
        type: 'response.completed',
        response: {
          ...RESPONSE,
          status: 'completed',
          output: [],
          usage: { input_tokens: 4, output_tokens: 5, total_tokens: 9 },
        },
      }),
    ],
  },
  messages: {
    path: 'anthropic/v1/messages',
    events: [
      data({
        type: 'message_start',
        message: {
          id: 'm',
          model: 'claude-haiku-4-5',
          usage: { input_tokens: 4, output_tokens: 1 },
        },
      }),
      data({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } }),
      data({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: 5 },
      }),
      data({ type: 'message_stop' }),
    ],
  },
  gemini: {
    path: 'gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    events: [
      data({
        candidates: [{ content: { parts: [{ text: 'hi' }] } }],
        modelVersion: 'gemini-2.5-flash',
      }),
      data({
        candidates: [{ finishReason: 'STOP' }],
        modelVersion: 'gemini-2.5-flash',
        usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 5, totalTokenCount: 9 },
      }),
    ],
  },
}

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

/** The provider says so many events and then nothing; the caller closes when it has them. */
async function hangUpAfter({ path, events }: Protocol, count: number, claim: string) {
  const wanted = events.slice(0, count).join('')
  const leaving = new AbortController()
  let seen = ''
  await rawCall(`${flint.baseUrl}/v1/proxy/${path}`, {
    body: JSON.stringify({ model: 'gpt-4o', stream: true, say: wanted }),
    headers: {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'x-flint-request-id': claim,
      'content-type': 'application/json',
    },
    signal: leaving.signal,
    onPiece(bytes) {
      seen += bytes.toString()
      if (seen.length >= wanted.length) leaving.abort()
    },
  }).catch(() => {})
}

describe.each(Object.entries(PROTOCOLS))('a caller of %s', (name, protocol) => {
  test('that closes at the last event has a complete call, and at any other one has left', async () => {
    provider.answer(({ body }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write((JSON.parse(body.toString()) as { say: string }).say)
    })
    const counts = protocol.events.map((_, index) => index + 1)
    const claim = (count: number) => `${name}-${count}`
    await Promise.all(counts.map((count) => hangUpAfter(protocol, count, claim(count))))
    const records = await recordsByClaim(flint, counts.map(claim))
    for (const count of counts) {
      const isWhole = count === protocol.events.length
      expect(records.get(claim(count))).toMatchObject({
        claimedRequestId: claim(count),
        outcome: isWhole ? 'complete' : 'client_aborted',
        captureGap: isWhole ? null : 'call_ended_early',
        ...(isWhole ? { usageSource: 'provider', inputTokens: 4, outputTokens: 5 } : {}),
      })
    }
  })
})
