import { describe, expect, test } from 'vitest'
import { type BothWays, callBothWays } from './support/both-ways.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import type { Expected, Recording } from './support/recorded-call.ts'
import { bodyOf } from './support/recorded-calls.ts'
import { type CallKind, chooseRecordings } from './support/recording-choice.ts'
import { expectCost, recordsByClaim } from './support/records.ts'
import { type ReplayedRequest, startReplay } from './support/replay.ts'
import type { Surface } from './support/sdk-surfaces.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { carried, credentialsIn, expectNothingOfFlint, type HeaderPair } from './support/wire.ts'

/** Where each surface's provider looks for its key. */
const CREDENTIAL: Readonly<Record<Surface, HeaderPair>> = {
  'chat.completions': ['authorization', `Bearer ${PROVIDER_KEY}`],
  responses: ['authorization', `Bearer ${PROVIDER_KEY}`],
  'gemini-compatible chat.completions': ['authorization', `Bearer ${PROVIDER_KEY}`],
  messages: ['x-api-key', PROVIDER_KEY],
  generateContent: ['x-goog-api-key', PROVIDER_KEY],
  streamGenerateContent: ['x-goog-api-key', PROVIDER_KEY],
}

/**
 * The fields of a record that expected.jsonl gives, under the record's names; costs are compared by
 * themselves.
 */
function expectedFields({
  status,
  stream,
  endpoint,
  model,
  model_requested,
  usage_source,
  usage,
}: Expected) {
  const count = (name: string) => usage?.[name] ?? null
  return {
    outcome: 'complete',
    captureGap: null,
    status,
    stream,
    endpoint,
    model,
    requestModel: model_requested,
    usageSource: usage_source,
    inputTokens: count('input_tokens_total'),
    outputTokens: count('output_tokens_total'),
    totalTokens: count('total_tokens'),
    cachedInputTokens: count('cached_input_tokens'),
    cacheWriteTokens: count('cache_write_tokens'),
    cacheWrite5mTokens: count('cache_write_5m_tokens'),
    cacheWrite1hTokens: count('cache_write_1h_tokens'),
    reasoningTokens: count('reasoning_tokens'),
    audioInputTokens: count('audio_input_tokens'),
    audioOutputTokens: count('audio_output_tokens'),
  }
}

describe('an official SDK sees no difference between the provider and Flint, in recorded traffic', () => {
  const replay = useServer(startReplay)
  const flint = useFlint(() => ({ upstream: replay.url }))

  const PER_KIND = 6
  /** Whole answers, one event at a time, odd pieces, compressed as it once was. */
  const PLANS = ['', 'chunk=event', 'chunk=113', 'encoding=original']

  /** What the provider received of the two calls made last for a recording. */
  function receivedTwice(id: string): [direct: ReplayedRequest, through: ReplayedRequest] {
    const seen = replay.received(id)
    const [direct, through] = seen
    if (!direct || !through || seen.length !== 2)
      throw new Error(`${id}: the provider received ${seen.length} calls, not 2`)
    return [direct, through]
  }

  async function play(surface: Surface, recording: Recording, plan: string): Promise<BothWays> {
    const headers = { 'x-replay-id': recording.id, 'x-replay-plan': plan }
    const both = await callBothWays(
      surface,
      { path: recording.request.path, body: bodyOf(recording.request).toString(), headers },
      replay.url,
      flint,
    )
    expect.soft(both.through, recording.id).toStrictEqual(both.direct)
    const [direct, through] = receivedTwice(recording.id)
    expect.soft(through.path, recording.id).toBe(direct.path)
    expect.soft(through.bodySha256, recording.id).toBe(direct.bodySha256)
    expect.soft(carried(through.rawHeaders), recording.id).toEqual(carried(direct.rawHeaders))
    expect.soft(credentialsIn(through.rawHeaders), recording.id).toEqual([CREDENTIAL[surface]])
    expectNothingOfFlint(through.rawHeaders)
    return both
  }

  const rows: Array<[sdk: string, surface: Surface, kind: CallKind]> = [
    ...(['plain', 'stream', 'tool call', 'streamed tool call', 'error'] as const).flatMap(
      (kind): Array<[string, Surface, CallKind]> => [
        ['openai', 'chat.completions', kind],
        ['openai', 'responses', kind],
        ['@anthropic-ai/sdk', 'messages', kind],
      ],
    ),
    ...(['plain', 'tool call', 'error'] as const).map((kind): [string, Surface, CallKind] => [
      '@google/genai',
      'generateContent',
      kind,
    ]),
    ...(['stream', 'streamed tool call', 'error'] as const).map(
      (kind): [string, Surface, CallKind] => ['@google/genai', 'streamGenerateContent', kind],
    ),
  ]

  test.each(rows)(
    '%s, %s, %s: same result, same request at the provider, the right record',
    async (_sdk, surface, kind) => {
      const chosen = chooseRecordings(replay, surface, kind, PER_KIND)
      expect(chosen.length).toBeGreaterThan(0)
      const played: Array<BothWays & { readonly recording: Recording }> = []
      for (const [at, recording] of chosen.entries()) {
        const both = await play(surface, recording, PLANS[at % PLANS.length] ?? '')
        // Both ways alike is not enough: the call must have been what the recording is an example
        // of.
        expect
          .soft(
            Object.keys(both.direct.headers).length +
              Object.keys(both.direct.error?.fields ?? {}).length,
            recording.id,
          )
          .toBeGreaterThan(0)
        if (kind === 'error')
          expect
            .soft(both.direct.error?.fields.status, recording.id)
            .toBe(recording.response.status)
        else if (kind === 'plain' || kind === 'tool call')
          expect
            .soft(both.direct, recording.id)
            .toMatchObject({ error: null, value: expect.anything() })
        else {
          expect.soft(both.direct.error, recording.id).toBeNull()
          expect.soft(both.direct.chunks.length, recording.id).toBeGreaterThan(0)
        }
        played.push({ ...both, recording })
      }
      const records = await recordsByClaim(
        flint,
        played.map(({ claim }) => claim),
      )
      for (const { recording, claim } of played) {
        const expected = replay.expected.get(recording.id)
        if (!expected) throw new Error(`${recording.id} is not in expected.jsonl`)
        const record = records.get(claim)
        // Where the provider reported no usage of a stream, Flint counts it, and says so.
        const {
          usageSource,
          inputTokens: _in,
          outputTokens: _out,
          totalTokens: _total,
          ...fields
        } = expectedFields(expected)
        if (usageSource === 'none' && expected.stream && record?.usageSource !== 'none') {
          expect.soft(record, recording.id).toMatchObject({
            ...fields,
            usageSource: 'estimated',
            costStatus: expect.stringMatching(/estimated|unpriced/),
          })
          continue
        }
        expect.soft(record, recording.id).toMatchObject(expectedFields(expected))
        expectCost(record, expected.cost_usd, recording.id)
      }
    },
  )
})
