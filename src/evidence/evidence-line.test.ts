import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evidenceLine, maskedPath } from './evidence-line.ts'
import { jsonLine } from './json-line.ts'
import { sampleIntent, sampleObservation } from './sample-evidence.ts'

const call = { org: 'org_1', createdAtMs: 1_760_000_000_000 }
/** Made here so that no file of the project holds what looks like a key. */
const KEY = `sk-${'proj'}-aB3dE5gH7jK9mN1pQ2sT4vW6yZ8aB3dE5`
const parsed = (row: object) => JSON.parse(evidenceLine(row)) as Record<string, unknown>

describe('a key in what a caller or a provider can fill never reaches a row', () => {
  test.each(['method', 'endpoint', 'claimed_request_id', 'caller_request_id', 'user_agent'])(
    '%s of an intent',
    (column) => {
      expect(evidenceLine(sampleIntent(call, { [column]: `/x/${KEY}/y` }))).not.toContain(KEY)
    },
  )

  test.each([
    'model',
    'request_model',
    'finish_reason',
    'service_tier',
    'stream_error',
    'response_id',
    'provider_request_id',
    'result_id',
    'cost_reason',
  ])('%s of an observation', (column) => {
    expect(parsed(sampleObservation(call, { [column]: `before ${KEY}` }))[column]).toBe(
      'before [redacted:openai-key]',
    )
  })

  test('names and values of tags', () => {
    expect(parsed(sampleIntent(call, { tags: { [`a ${KEY}`]: 'x', team: KEY } })).tags).toEqual({
      'a [redacted:openai-key]': 'x',
      team: '[redacted:openai-key]',
    })
  })

  test.each([
    ['as it is', JSON.stringify({ input_tokens: 7, note: KEY })],
    ['in a name', JSON.stringify({ input_tokens: 7, [KEY]: 1 })],
    ['written with escapes', `{"input_tokens":7,"note":"\\u0073k-${KEY.slice(3)}"}`],
  ])('usage and billed parts (%s), which stay JSON', (_, usage) => {
    const row = parsed(sampleObservation(call, { usage_raw: usage, billed: usage }))
    for (const text of [row.usage_raw, row.billed]) {
      expect(text).toContain('[redacted:openai-key]')
      expect(JSON.parse(String(text))).toMatchObject({ input_tokens: 7 })
    }
  })

  test('usage that would not be JSON without the key is not kept', () => {
    const usage = JSON.stringify({ note: `-----BEGIN ${'PRIVATE'} KEY-----\nAAAA`, more: 1 })
    const row = parsed(sampleObservation(call, { usage_raw: usage }))
    expect(row.usage_raw === null || typeof JSON.parse(String(row.usage_raw)) === 'object').toBe(
      true,
    )
    expect(evidenceLine(sampleObservation(call, { usage_raw: usage }))).not.toContain('AAAA')
  })

  test.each([
    ['/v1/models;key=canary', '/v1/models;key=[redacted]'],
    ['/v1/models&key=canary', '/v1/models&key=[redacted]'],
    ['/v1/models&alt=sse&api_key=canary&x=1', '/v1/models&alt=sse&api_key=[redacted]&x=1'],
    ['/v1/models%3Fkey=canary', '/v1/models%3Fkey=[redacted]'],
    ['/v1/models%3fkey%3Dcanary/more', '/v1/models%3fkey%3D[redacted]/more'],
    ['/v1/models;access_token=canary/x', '/v1/models;access_token=[redacted]/x'],
    [`/v1/${KEY}/x`, '/v1/[redacted:openai-key]/x'],
    [`/v1/%73%6B-${KEY.slice(3)}/a%20b`, '/v1/[redacted:openai-key]/a%20b'],
    ['/v1/keyword=1/monkey=2', '/v1/keyword=1/monkey=2'],
    [
      '/v1beta/models/gemini-2.5-flash:generateContent',
      '/v1beta/models/gemini-2.5-flash:generateContent',
    ],
    ['/v1/%E0%A4%A/%', '/v1/%E0%A4%A/%'],
  ])('path %s', (path, masked) => {
    expect(maskedPath(path)).toBe(masked)
  })
})

test('previews are for the organisation to decide, and what a call is found by stays', () => {
  const row = sampleObservation(
    { ...call, org: 'org_sk-1' },
    { prompt_preview: `my key ${KEY}`, last_user_preview: KEY, model: KEY },
  )
  expect(parsed(row)).toMatchObject({
    org: 'org_sk-1',
    prompt_preview: `my key ${KEY}`,
    last_user_preview: KEY,
    model: '[redacted:openai-key]',
  })
})

test('a row without a secret is written as it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string(), fc.string()),
      (text, tags) => {
        const row = sampleIntent(call, { user_agent: text, claimed_request_id: text, tags })
        expect(evidenceLine(row)).toBe(jsonLine(row))
      },
    ),
  )
})
