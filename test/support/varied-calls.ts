import type {
  ClosingEvidence,
  Evidence,
  IntentEvidence,
  ObservationEvidence,
} from '../../src/evidence/evidence.ts'
import {
  sampleClosing,
  sampleIntent,
  sampleObservation,
  samplePricing,
} from '../../src/evidence/sample-evidence.ts'

const MINUTE_MS = 60_000
const QUARTER_MS = 15 * MINUTE_MS
/** Long enough ago that no call of the quarter is open any more. */
const AGO_MS = 3 * 60 * MINUTE_MS

/** What differs from a whole call of OpenAI; null is a process that saw nothing of it. */
interface Differs {
  readonly provider?: Evidence['provider']
  readonly intent?: Partial<IntentEvidence>
  readonly observation?: Partial<ObservationEvidence> | null
  readonly closing?: Partial<ClosingEvidence> | null
}

const NO_USAGE = {
  usage_source: 'none',
  ...{ input_tokens: null, output_tokens: null, total_tokens: null, cached_input_tokens: null },
  ...{ cost_usd: null, cost_status: null, price_version: null, billable: false },
} as const
const SONNET = { model: 'claude-sonnet-4-5', request_model: 'claude-sonnet-4-5', stream: true }
const AGENT = { session_id: 's-1', user_agent: 'claude-cli/2.1' }
const ESTIMATED = { cost_status: 'estimated', price_version: 'book/1' } as const

const CALLS: readonly Differs[] = [
  {
    intent: { tags: { team: 'search' } },
    observation: {
      ...{ input_tokens: 1_000, output_tokens: 200, total_tokens: 1_200, cached_input_tokens: 400 },
      cost_usd: '0.01',
    },
    closing: { latency_ms: 800 },
  },
  {
    intent: { tags: { team: 'search' } },
    observation: {
      ...{ input_tokens: 500, output_tokens: 50, total_tokens: 550, cached_input_tokens: null },
      ...{ ...ESTIMATED, cost_usd: '0.02', cost_reason: 'similar_model' },
      usage_source: 'estimated',
    },
    closing: { latency_ms: 1_200 },
  },
  {
    intent: { tags: { team: 'support' } },
    observation: {
      model: 'mystery-1',
      ...{ cost_usd: null, cost_status: 'unpriced', price_version: null },
      cost_reason: 'unknown_model',
    },
  },
  {
    provider: 'anthropic',
    intent: AGENT,
    observation: {
      ...{ ...SONNET, output_tokens: 40, total_tokens: 552, usage_source: 'partial' },
      ...{ ...ESTIMATED, cost_usd: '0.5', cost_reason: 'partial_usage' },
      ...{ response_complete: false, gap: 'call_ended_early', finish_reason: null },
    },
    closing: { response_flags: 'DC', time_to_first_byte_ms: 300 },
  },
  {
    provider: 'anthropic',
    intent: AGENT,
    observation: { ...SONNET, cost_usd: '0.25' },
    closing: { time_to_first_byte_ms: 900 },
  },
  {
    observation: { ...NO_USAGE, model: null, status: 429 },
    closing: { status: 429 },
  },
  { intent: { retry_count: 1 }, observation: { model: 'gpt-4o-mini', cost_usd: '0.03' } },
  { observation: null },
  {
    observation: {
      model: 'gpt-4.1-mini',
      ...{ response_complete: false, gap: 'stream_lost', usage_source: 'partial' },
      ...{ ...ESTIMATED, cost_usd: '0.04', cost_reason: 'partial_usage' },
    },
  },
  {
    provider: 'gemini',
    observation: null,
    closing: { status: 503, response_flags: 'UF', response_code_details: 'upstream_reset' },
  },
  {
    intent: { endpoint: '/v1/embeddings' },
    observation: {
      ...{ endpoint: '/v1/embeddings', model: 'text-embedding-3-small', cost_usd: '0.001' },
      ...{ input_tokens: 50, output_tokens: null, total_tokens: 50, cached_input_tokens: null },
    },
  },
  {
    observation: {
      ...{ model: 'gpt-audio', cost_usd: '0.009' },
      ...{ audio_input_tokens: 30, audio_output_tokens: 20 },
    },
  },
  { observation: { model: 'o4-mini', service_tier: 'flex', reasoning_tokens: 90 } },
  {
    provider: 'anthropic',
    intent: { credential: 'subscription', key_hint: '...plan' },
    observation: { model: 'claude-opus-4-5', cost_usd: '0.9' },
  },
  {
    intent: { error_code: 'invalid_request', status: 400 },
    ...{ observation: null, closing: null },
  },
]
/** The place of the call above that a contract prices later. */
const UNDER_CONTRACT = 12

/** Calls of one quarter of an hour, one a minute, and the last of the month before. */
export interface VariedCalls {
  readonly rows: readonly Evidence[]
  /** What becomes known when these are stored: another price of a call. */
  readonly laterRows: readonly Evidence[]
  readonly count: number
  /** First day of this month and of the one before, in UTC, as ClickHouse writes them. */
  readonly thisMonth: string
  readonly monthBefore: string
}

/** Of every kind that an analyst asks about, by the Flint key `keyId` of `org_1`. */
export function variedCalls({
  keyId,
  nowMs,
}: {
  readonly keyId: string
  readonly nowMs: number
}): VariedCalls {
  // Within a quarter, no clock of any zone begins another day.
  const startMs = Math.floor((nowMs - AGO_MS) / QUARTER_MS) * QUARTER_MS
  const at = (index: number) => ({
    org: 'org_1',
    createdAtMs: startMs + index * MINUTE_MS,
    id: index + 1,
  })
  const now = new Date(nowMs)
  const monthMs = (offset: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset)
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const contract = { price_version: 'contract/0123456789ab', cost_reason: null } as const
  const border = { org: 'org_2', createdAtMs: monthMs(0) - 30 * MINUTE_MS }
  return {
    rows: [
      ...CALLS.flatMap((differs, index) => rowsOf(at(index), keyId, differs)),
      ...rowsOf(border, 'key_2', {
        provider: 'gemini',
        observation: { model: 'gemini-2.5-pro', cost_usd: '0.0005' },
      }),
    ],
    laterRows: [
      samplePricing(at(UNDER_CONTRACT), { ...contract, cost_usd: '0.07', cost_status: 'exact' }),
    ],
    count: CALLS.length + 1,
    thisMonth: day(monthMs(0)),
    monthBefore: day(monthMs(-1)),
  }
}

function rowsOf(
  call: { readonly org: string; readonly createdAtMs: number; readonly id?: number },
  keyId: string,
  { provider = 'openai', intent = {}, observation = {}, closing = {} }: Differs,
): Evidence[] {
  const common = { provider, key_id: keyId }
  return [
    sampleIntent(call, { ...common, ...intent }),
    ...(observation === null ? [] : [sampleObservation(call, { ...common, ...observation })]),
    ...(closing === null ? [] : [sampleClosing(call, { ...common, ...closing })]),
  ]
}
