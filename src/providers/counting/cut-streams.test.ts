import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { SSE } from '../fixtures/play.ts'
import { asObject, type JsonObject } from '../json/text.ts'
import { createExchangeReader, type ExchangeFacts } from '../reading/exchange-reader.ts'
import { countExchange } from './count-exchange.ts'
import { countedFacts } from './counted-facts.ts'
import { createRetentionBudget } from './retained-exchange.ts'

// Real provider traffic lies beside the project folder; it is not part of the project.
const RECORDINGS = path.resolve(import.meta.dirname, '../../../../shared/recordings')
/**
 * The event that reports the usage, and the last one with text: cut before it, the stream said all
 * it had to say but the numbers.
 */
const LAST_EVENT =
  /^(event: *\S+\r?\n)?data: *\{[^\n]*"(type|event_type)": *"(response|interaction)\.(completed|incomplete)"/m

const isAvailable = existsSync(RECORDINGS)

describe.skipIf(!isAvailable)(
  'a recorded stream of responses or interactions, cut before it reported its usage',
  () => {
    const reported = isAvailable ? expectations() : new Map<string, JsonObject>()
    const seen = (isAvailable ? recordings() : []).flatMap((recording) => {
      const usage = asObject(reported.get(String(recording.id))?.usage)
      const stream = bodyOf(recording.response)
      const end = stream.search(LAST_EVENT)
      if (
        !['responses', 'interactions'].includes(String(recording.operation)) ||
        usage === null ||
        end < 0
      )
        return []
      return [
        {
          facts: read(recording, stream.slice(0, end)),
          usage,
          isMadeUp: asObject(recording.request)?.synthetic === true,
        },
      ]
    })

    test('is partial, and knows its model', () => {
      expect(seen.length).toBeGreaterThan(50)
      for (const { facts } of seen)
        expect(facts).toMatchObject({
          usageSource: 'partial',
          billable: true,
          model: expect.any(String),
        })
    })

    test('has an input near what the provider reported, where the request was recorded', () => {
      const errors = seen
        .filter(({ isMadeUp }) => !isMadeUp)
        .map(({ facts, usage }) => off(facts.usage.inputTokens, usage.input_tokens_total))
      expect(Math.abs(median(errors))).toBeLessThan(0.05)
    })

    test('has an output near what the provider reported, where the model hid nothing, and never much more', () => {
      const open = seen.filter(({ usage }) => !usage.reasoning_tokens)
      expect(
        Math.abs(
          median(
            open.map(({ facts, usage }) =>
              off(facts.usage.outputTokens, usage.output_tokens_total),
            ),
          ),
        ),
      ).toBeLessThan(0.15)
      const hidden = seen.filter(({ usage }) => Number(usage.reasoning_tokens) > 0)
      expect(
        median(
          hidden.map(({ facts, usage }) =>
            off(facts.usage.outputTokens, usage.output_tokens_total),
          ),
        ),
      ).toBeLessThan(0)
    })
  },
)

function read({ provider, request }: JsonObject, cut: string): ExchangeFacts {
  const endpoint = provider === 'gemini' ? '/v1beta/interactions' : '/v1/responses'
  const named = provider === 'gemini' ? 'gemini' : 'openai'
  const start = {
    provider: named,
    method: 'POST',
    endpoint,
    query: '',
    contentType: 'application/json',
    contentEncoding: null,
  } as const
  const reader = createExchangeReader(start, { retention: createRetentionBudget() })
  reader.requestBody(Buffer.from(bodyOf(request)))
  reader.requestEnd()
  reader.responseStart({
    status: 200,
    contentType: SSE,
    contentEncoding: null,
    header: () => undefined,
  })
  reader.responseBody(Buffer.from(cut))
  const facts: ExchangeFacts[] = []
  reader.finish((read) => facts.push(read))
  const [first] = facts
  if (first?.uncounted == null) throw new Error('nothing was kept to be counted')
  return countedFacts(
    first,
    countExchange(first.uncounted, (text) => countTokens(text)),
  )
}

/** Signed relative error; null where either number is unknown. */
function off(counted: number | null, reported: unknown): number | null {
  return counted === null || typeof reported !== 'number' || reported === 0
    ? null
    : (counted - reported) / reported
}

function median(errors: readonly (number | null)[]): number {
  const known = errors.filter((error) => error !== null).sort((a, b) => a - b)
  return known[Math.floor(known.length / 2)] ?? Number.NaN
}

function recordings(): readonly JsonObject[] {
  const files = readdirSync(RECORDINGS).filter((file) => file.endsWith('.jsonl.gz'))
  return files.flatMap((file) =>
    lines(gunzipSync(readFileSync(path.join(RECORDINGS, file))).toString()),
  )
}

function expectations(): ReadonlyMap<string, JsonObject> {
  return new Map(
    lines(readFileSync(path.join(RECORDINGS, 'expected.jsonl'), 'utf8')).map((row) => [
      String(row.id),
      row,
    ]),
  )
}

function lines(text: string): readonly JsonObject[] {
  return text
    .trim()
    .split('\n')
    .map((line): JsonObject => JSON.parse(line))
}

function bodyOf(message: unknown): string {
  const { body_b64: base64, body_text: text } = asObject(message) ?? {}
  if (typeof base64 !== 'string') return typeof text === 'string' ? text : ''
  const bytes = Buffer.from(base64, 'base64')
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()
}
