import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest'
import { accessLogEvidence, readLogLine } from './delivery/envoy-log.ts'
import { answerColumns } from './evidence/answer-columns.ts'
import type { Evidence, ShippedProvider } from './evidence/evidence.ts'
import { evidenceLine } from './evidence/evidence-line.ts'
import {
  sampleAccessLogRow,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleReport,
} from './evidence/sample-evidence.ts'
import { createCallerRequestReader } from './extproc/caller-request.ts'
import { priceCall } from './pricing/cost.ts'
import { SHIPPED_PROVIDERS } from './providers/active-providers.ts'
import { requestHeaders } from './providers/fixtures/wire-bytes.ts'
import type { ExchangeFacts } from './providers/reading/exchange-facts.ts'
import { createExchangeReader } from './providers/reading/exchange-reader.ts'
import { extractFromReport } from './providers/reading/report.ts'
import { definitionOf } from './providers/registry.ts'
import { previewOf } from './providers/text/preview.ts'
import { startTemporaryStore, type TemporaryStore } from './store/embedded/temporary-store.ts'
import { insertJsonLines } from './store/evidence/insert-evidence.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())
beforeEach(() => store.client.run({ tag: 'test', sql: 'TRUNCATE TABLE evidence' }))

const createdAtMs = Date.now() - 60_000
const ROWS = 60

/**
 * What a caller or a provider can write: any code unit, halves of pairs, what is special to JSON,
 * SQL, shells and ClickHouse.
 */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '\ud83d',
    '\udc00',
    '\ud83d\ud83d',
    'a\udc00b',
    '\\ud83d',
    '\\',
    '\\\\u0000',
    '"',
    "'",
    '\u0000',
    '\u2028',
    '\ufeff',
    '\ufffe',
  ),
  fc.constantFrom(
    '\\N',
    'NULL',
    'null',
    '',
    ' ',
    '{"a":',
    '[',
    '`',
    '{x:String}',
    '\r\n',
    '\t',
    '\u001b[2J',
    'x'.repeat(300_000),
    '😀'.repeat(9_000),
  ),
  fc.json(),
)
const maybeText = fc.option(text)

/** As they are in JSON text: what is no number, or none that a column could hold, among them. */
const numberText = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '-1',
    '1.5',
    '1e300',
    '-1e300',
    '1e400',
    '1E5',
    '9007199254740991',
    '9007199254740992',
    '18446744073709551615',
  ),
  fc.constantFrom(
    '18446744073709551616',
    '99999999999999999999999999',
    '0.1e-300',
    '5e-324',
    'null',
    'true',
    '"7"',
    '"NaN"',
    '[]',
    '{}',
    '[7]',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => String(number)),
  fc.maxSafeNat().map(String),
)

let tokens = 0
/** As delivery does: rows that were written to a spool. */
async function expectStored(rows: readonly Evidence[]): Promise<void> {
  const body = Buffer.from(rows.map(evidenceLine).join(''))
  await insertJsonLines(store.client, { table: 'evidence', body, token: `every-row-${tokens++}` })
}

const batches = { numRuns: 25 }
const manyOf = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 1, maxLength: ROWS })

describe('ClickHouse takes every row', () => {
  test('whatever stands in a column of text, a map or a list', async () => {
    const intents = fc
      .record({
        endpoint: text,
        user_agent: maybeText,
        claimed_request_id: maybeText,
        caller_request_id: maybeText,
        session_id: maybeText,
        trace_id: maybeText,
        tags: fc.dictionary(text, text),
      })
      .map((columns) => sampleIntent({ org: 'org_1', createdAtMs }, columns))
    const seen = fc.record({
      ...{
        model: maybeText,
        request_model: maybeText,
        finish_reason: maybeText,
        service_tier: maybeText,
        stream_error: maybeText,
      },
      ...{
        provider_request_id: maybeText,
        response_id: maybeText,
        result_id: maybeText,
        usage_raw: maybeText,
        turn_usage: maybeText,
        billed: maybeText,
      },
      ...{
        cost_reason: maybeText,
        prompt_preview: maybeText,
        last_user_preview: maybeText,
        completion_preview: maybeText,
        attachments: fc.array(text),
      },
    })
    const observations = seen.map((columns) =>
      sampleObservation({ org: 'org_1', createdAtMs }, columns),
    )
    const reports = seen.map((columns) => sampleReport({ org: 'org_1', createdAtMs }, columns))
    const closings = maybeText.map((details) =>
      sampleClosing({ org: 'org_1', createdAtMs }, { response_code_details: details }),
    )
    const accessLogRows = maybeText.map((details) =>
      sampleAccessLogRow({ org: 'org_1', createdAtMs }, { response_code_details: details }),
    )
    await fc.assert(
      fc.asyncProperty(
        manyOf(fc.oneof(intents, observations, reports, closings, accessLogRows)),
        expectStored,
      ),
      batches,
    )
  })

  test('whatever headers a caller sends', async () => {
    const headers = fc.record({
      'user-agent': text,
      'x-request-id': text,
      'session-id': text,
      'x-flint-request-id': text,
      traceparent: text,
      'x-stainless-retry-count': fc.oneof(text, numberText),
      'x-flint-tag-a': text,
    })
    await fc.assert(
      fc.asyncProperty(manyOf(fc.tuple(headers, text)), (calls) =>
        expectStored(
          calls.map(([each, path]) => {
            const request = createCallerRequestReader(SHIPPED_PROVIDERS)(
              requestHeaders({
                ...each,
                ':path': `/v1/proxy/openai/${path}`,
                [`x-flint-tag-${path}`]: 'x',
              }),
            )
            return sampleIntent(
              { org: 'org_1', createdAtMs },
              {
                endpoint: request.route?.endpoint ?? '',
                user_agent: request.userAgent,
                claimed_request_id: request.claimedRequestId,
                caller_request_id: request.callerRequestId,
                session_id: request.sessionId,
                trace_id: request.traceId,
                retry_count: request.retryCount,
                tags: request.tags,
              },
            )
          }),
        ),
      ),
      batches,
    )
  })

  const answer = fc
    .record({
      text,
      other: text,
      numbers: fc.array(numberText, { minLength: 12, maxLength: 12 }),
      provider: fc.constantFrom(...(Object.keys(ANSWERS) as ShippedProvider[])),
      depth: fc.constantFrom(0, 0, 0, 50, 3_000),
    })
    .map((parts) => ({
      ...parts,
      body: ANSWERS[parts.provider](
        JSON.stringify(parts.text),
        JSON.stringify(parts.other),
        parts.numbers,
        parts.depth,
      ),
    }))

  test.each([false, true])('whatever a provider answers (streamed: %s)', async (isStream) => {
    await fc.assert(
      fc.asyncProperty(manyOf(answer), (answers) =>
        expectStored(
          answers.map(({ provider, body, text: model }, id) =>
            observed(
              provider,
              isStream ? `data: ${body}\n\ndata: ${body}\n\n` : body,
              isStream,
              model,
              id,
            ),
          ),
        ),
      ),
      batches,
    )
  })

  test('whatever a client reports', async () => {
    await fc.assert(
      fc.asyncProperty(
        manyOf(fc.tuple(answer, fc.double({ min: 0, max: 86_400_000, noNaN: true }))),
        (reports) =>
          expectStored(
            reports.map(([{ provider, body, text: endpoint }, latencyMs], id) => {
              const facts = extractFromReport(
                {
                  provider: definitionOf(provider),
                  endpoint: `${ENDPOINTS[provider]}${endpoint}`,
                  response: body,
                },
                { text: true },
              )
              const columns = {
                ...columnsOf(provider, facts),
                endpoint: `/${endpoint}`,
                latency_ms: Math.round(latencyMs),
              }
              return sampleReport({ org: 'org_1', createdAtMs, id }, columns)
            }),
          ),
      ),
      batches,
    )
  })

  test('whatever stands in a log that is reconciled', async () => {
    const names = ['status', 'request_bytes', 'response_bytes', 'duration_ms']
    const line = fc
      .tuple(text, text, fc.array(numberText, { minLength: names.length, maxLength: names.length }))
      .map(([flags, details, numbers]) => {
        const fields = names.map((name, at) => `"${name}":${numbers[at]}`).join(',')
        return `{"route":"openai","upstream":"1.2.3.4:443","start_time":"${new Date(createdAtMs).toISOString()}","flags":${JSON.stringify(flags)},"details":${JSON.stringify(details)},${fields}}`
      })
    await fc.assert(
      fc.asyncProperty(manyOf(line), (lines) =>
        expectStored(
          lines.flatMap((each) => {
            const read = readLogLine(Buffer.from(each), () => false)
            return read.kind === 'call' ? [accessLogEvidence(read, 1, 'instance/delivery')] : []
          }),
        ),
      ),
      batches,
    )
  })
})

type Numbers = readonly string[]

const ENDPOINTS = {
  openai: '/v1/chat/completions',
  anthropic: '/v1/messages',
  gemini: '/v1beta/models/gemini-2.5-flash:generateContent',
  chatgpt: '/backend-api/codex/responses',
  azure: '/openai/deployments/mine/chat/completions',
  vertex:
    '/v1/projects/p/locations/global/publishers/google/models/gemini-2.5-flash:generateContent',
  bedrock: '/model/amazon.nova-lite-v1:0/converse',
  'openai-compatible': '/v1/chat/completions',
} as const
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

type AnswerOf = (name: string, other: string, n: Numbers, depth: number) => string
const chatAnswer: AnswerOf = (name, other, n, depth) =>
  `{"id":${name},"model":${other},"service_tier":${name},"choices":[{"index":0,"finish_reason":${name},"message":{"role":"assistant","content":${other}},"delta":{"content":${name}}}],"usage":{"prompt_tokens":${n[0]},"completion_tokens":${n[1]},"total_tokens":${n[2]},${other}:${n[3]},"deep":${nested(depth)},"prompt_tokens_details":{"cached_tokens":${n[4]},"audio_tokens":${n[5]}},"completion_tokens_details":{"reasoning_tokens":${n[6]},"audio_tokens":${n[7]}}}}`

const geminiAnswer: AnswerOf = (name, other, n, depth) =>
  `{"responseId":${name},"modelVersion":${other},"candidates":[{"finishReason":${name},"content":{"parts":[{"text":${other}}]}}],"usageMetadata":{"promptTokenCount":${n[0]},"candidatesTokenCount":${n[1]},"totalTokenCount":${n[2]},"cachedContentTokenCount":${n[3]},"thoughtsTokenCount":${n[4]},"toolUsePromptTokenCount":${n[5]},"deep":${nested(depth)},"promptTokensDetails":[{"modality":${name},"tokenCount":${n[6]}},{"modality":"AUDIO","tokenCount":${n[7]}}]}}`

/** Answers with these JSON texts wherever a text or a number belongs. */
const ANSWERS: Readonly<Record<ShippedProvider, AnswerOf>> = {
  openai: chatAnswer,
  azure: chatAnswer,
  'openai-compatible': chatAnswer,
  anthropic: (name, other, n, depth) =>
    `{"type":"message","id":${name},"model":${other},"stop_reason":${name},"content":[{"type":"text","text":${other}}],"usage":{"input_tokens":${n[0]},"output_tokens":${n[1]},"cache_read_input_tokens":${n[2]},"cache_creation_input_tokens":${n[3]},"service_tier":${other},"deep":${nested(depth)},"cache_creation":{"ephemeral_5m_input_tokens":${n[4]},"ephemeral_1h_input_tokens":${n[5]}},"server_tool_use":{"web_search_requests":${n[6]}}}}`,
  gemini: geminiAnswer,
  vertex: geminiAnswer,
  chatgpt: (name, other, n, depth) =>
    `{"id":${name},"model":${other},"status":${name},"service_tier":${other},"output":[{"type":"message","content":[{"type":"output_text","text":${other}}]}],"usage":{"input_tokens":${n[0]},"output_tokens":${n[1]},"total_tokens":${n[2]},"deep":${nested(depth)},"input_tokens_details":{"cached_tokens":${n[3]}},"output_tokens_details":{"reasoning_tokens":${n[4]}}}}`,
  bedrock: (name, other, n, depth) =>
    `{"stopReason":${name},"serviceTier":{"type":${other}},"output":{"message":{"role":"assistant","content":[{"text":${other}}]}},"usage":{"inputTokens":${n[0]},"outputTokens":${n[1]},"totalTokens":${n[2]},"cacheReadInputTokens":${n[3]},"cacheWriteInputTokens":${n[4]},"deep":${nested(depth)},"cacheDetails":[{"ttl":${name},"inputTokens":${n[5]}}]}}`,
}

function observed(
  provider: ShippedProvider,
  body: string,
  isStream: boolean,
  model: string,
  id: number,
): Evidence {
  const start = {
    provider: definitionOf(provider),
    method: 'POST',
    endpoint: ENDPOINTS[provider],
    query: '',
    contentType: 'application/json',
    contentEncoding: null,
  }
  const reader = createExchangeReader(start, { text: true })
  reader.requestBody(
    Buffer.from(
      JSON.stringify({ model, stream: isStream, messages: [{ role: 'user', content: model }] }),
    ),
  )
  reader.requestEnd()
  const contentType = isStream ? 'text/event-stream' : 'application/json'
  reader.responseStart({
    status: 200,
    contentType,
    contentEncoding: null,
    header: () => model.slice(0, 200),
  })
  reader.responseBody(Buffer.from(body))
  reader.responseEnd()
  const read: ExchangeFacts[] = []
  reader.finish((facts) => read.push(facts))
  const [facts] = read
  if (facts === undefined) throw new Error('the answer was not read at once')
  return sampleObservation({ org: 'org_1', createdAtMs, id }, columnsOf(provider, facts))
}

function columnsOf(provider: ShippedProvider, facts: ExchangeFacts) {
  return {
    provider,
    ...answerColumns(facts, priceCall({ ...facts, org: 'org_1', provider, atMs: createdAtMs })),
    prompt_preview: facts.text?.prompt == null ? null : previewOf(facts.text.prompt.full),
    last_user_preview:
      facts.text?.prompt?.lastUser == null ? null : previewOf(facts.text.prompt.lastUser.start),
    completion_preview:
      facts.text?.completion == null ? null : previewOf(facts.text.completion.full),
  }
}
