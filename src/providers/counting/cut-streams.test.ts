import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import type { Recording } from '../../../test/support/recorded-call.ts'
import {
  bodyOf,
  decodedBody,
  RECORDED_CALLS,
  recordingsAvailable,
} from '../../../test/support/recorded-calls.ts'
import { SSE } from '../fixtures/play.ts'
import { createExchangeReader, type ExchangeFacts } from '../reading/exchange-reader.ts'
import { definitionOf } from '../registry.ts'
import { countExchange } from './count-exchange.ts'
import { countedFacts } from './counted-facts.ts'
import { createRetentionBudget } from './retained-exchange.ts'

/**
 * The event that reports the usage, and the last one with text: cut before it, the stream said all
 * it had to say but the numbers.
 */
const LAST_EVENT =
  /^(event: *\S+\r?\n)?data: *\{[^\n]*"(type|event_type)": *"(response|interaction)\.(completed|incomplete)"/m

describe('a recorded stream of responses or interactions, cut before it reported its usage', () => {
  const seen = RECORDED_CALLS.flatMap(({ recording, expected }) => {
    const stream = decodedBody(recording.response).toString()
    const end = stream.search(LAST_EVENT)
    if (!['responses', 'interactions'].includes(recording.operation) || end < 0) return []
    return [
      {
        facts: read(recording, stream.slice(0, end)),
        usage: expected.usage,
        isMadeUp: recording.request.synthetic === true,
      },
    ]
  })

  test('is partial, and knows its model', () => {
    expect(seen.length).toBeGreaterThan(recordingsAvailable ? 50 : 1)
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
          open.map(({ facts, usage }) => off(facts.usage.outputTokens, usage.output_tokens_total)),
        ),
      ),
    ).toBeLessThan(0.15)
    const hidden = seen.filter(({ usage }) => Number(usage.reasoning_tokens) > 0)
    expect(
      median(
        hidden.map(({ facts, usage }) => off(facts.usage.outputTokens, usage.output_tokens_total)),
      ),
    ).toBeLessThan(0)
  })
})

function read({ provider, request }: Recording, cut: string): ExchangeFacts {
  const endpoint = provider === 'gemini' ? '/v1beta/interactions' : '/v1/responses'
  const named = provider === 'gemini' ? 'gemini' : 'openai'
  const start = {
    provider: definitionOf(named),
    method: 'POST',
    endpoint,
    query: '',
    contentType: 'application/json',
    contentEncoding: null,
  } as const
  const reader = createExchangeReader(start, { retention: createRetentionBudget() })
  reader.requestBody(bodyOf(request))
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
