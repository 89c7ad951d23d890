import type {
  AccessLogEvidence,
  ClosingEvidence,
  ContentEvidence,
  DeferredEvidence,
  ErasureEvidence,
  Evidence,
  IntentEvidence,
  ObservationEvidence,
  PricingEvidence,
  ReportEvidence,
  RunEndedEvidence,
  SightingEvidence,
} from './evidence.ts'
import { jsonLine } from './json-line.ts'

/** Key fields of the sample rows below; `id` distinguishes calls of the same millisecond. */
interface SampleCall {
  readonly org: string
  readonly createdAtMs: number
  readonly id?: number
}

/** A UUIDv7 whose milliseconds are `createdAtMs`. */
export function sampleRecordId(createdAtMs: number, id = 0): string {
  const time = createdAtMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${id.toString(16).padStart(12, '0')}`
}

/** The intent of a let-through call, for tests and measurements; `overrides` replaces columns. */
export function sampleIntent(
  call: SampleCall,
  overrides: Partial<IntentEvidence> = {},
): IntentEvidence {
  return {
    ...key(call),
    kind: 'intent',
    provider: 'openai',
    method: 'POST',
    endpoint: '/v1/chat/completions',
    key_id: 'key_1',
    key_hint: '...k3f2',
    error_code: null,
    status: null,
    claimed_request_id: null,
    caller_request_id: null,
    trace_id: null,
    user_agent: 'OpenAI/JS 6.49.0',
    retry_count: 0,
    tags: {},
    capture: false,
    credential: 'api_key',
    session_id: null,
    workload: null,
    namespace: null,
    service_account: null,
    cluster: null,
    identity_basis: null,
    envoy_run: null,
    ...overrides,
  }
}

/** The observation of a whole, priced call. */
export function sampleObservation(
  call: SampleCall,
  overrides: Partial<ObservationEvidence> = {},
): ObservationEvidence {
  return {
    ...key(call),
    kind: 'observation',
    final: true,
    provider: 'openai',
    method: 'POST',
    endpoint: '/v1/chat/completions',
    key_id: 'key_1',
    key_hint: '...k3f2',
    status: 200,
    stream: false,
    model: 'gpt-4o-2024-08-06',
    request_model: 'gpt-4o',
    provider_request_id: 'req_1',
    finish_reason: 'stop',
    service_tier: 'default',
    stream_error: null,
    usage_source: 'provider',
    input_tokens: 512,
    output_tokens: 128,
    total_tokens: 640,
    cached_input_tokens: 0,
    cache_write_tokens: null,
    cache_write_5m_tokens: null,
    cache_write_1h_tokens: null,
    reasoning_tokens: null,
    audio_input_tokens: null,
    audio_output_tokens: null,
    usage_raw: null,
    turns: null,
    turn_usage: null,
    parser_version: 'openai-1',
    cost_usd: '0.00832',
    cost_status: 'exact',
    price_version: '2026-08-01',
    cost_reason: null,
    billable: true,
    billed: null,
    response_id: 'chatcmpl-1',
    deferred: false,
    result_id: null,
    request_bytes: 300,
    response_bytes: 900,
    request_complete: true,
    response_complete: true,
    answer_end_bytes: null,
    gap: null,
    latency_ms: 840,
    time_to_first_byte_ms: 300,
    capture: false,
    prompt_preview: null,
    last_user_preview: null,
    completion_preview: null,
    prompt_hash: null,
    content_key: null,
    content_sha256: null,
    content_gap: null,
    attachments: [],
    ...overrides,
  }
}

/** The closing of a call that ended well. */
export function sampleClosing(
  call: SampleCall,
  overrides: Partial<ClosingEvidence> = {},
): ClosingEvidence {
  return {
    ...key(call),
    kind: 'closing',
    provider: 'openai',
    key_id: 'key_1',
    key_hint: '...k3f2',
    status: 200,
    response_flags: '',
    response_code_details: 'via_upstream',
    request_bytes: 310,
    response_bytes: 910,
    latency_ms: 843,
    time_to_first_byte_ms: 301,
    ...overrides,
  }
}

/** The same call as its client would report it. */
export function sampleReport(
  call: SampleCall,
  overrides: Partial<ReportEvidence> = {},
): ReportEvidence {
  return {
    ...sampleObservation(call),
    kind: 'report',
    request_bytes: null,
    response_bytes: null,
    answer_end_bytes: null,
    key_hint: null,
    tags: {},
    ...overrides,
  }
}

/** What Envoy's JSON log says of the same call. */
export function sampleAccessLogRow(
  call: SampleCall,
  overrides: Partial<AccessLogEvidence> = {},
): AccessLogEvidence {
  return {
    ...key(call),
    kind: 'access_log',
    provider: 'openai',
    status: 200,
    response_flags: '',
    response_code_details: 'via_upstream',
    request_bytes: 310,
    response_bytes: 911,
    latency_ms: 844,
    ...overrides,
  }
}

/** That the start of Envoy is over which carried it. */
export function sampleRunEnded(
  call: SampleCall,
  overrides: Partial<RunEndedEvidence> = {},
): RunEndedEvidence {
  return { ...key(call), kind: 'run_ended', provider: 'openai', ...overrides }
}

/** That a second proxy had it too. */
export function sampleSighting(
  call: SampleCall,
  overrides: Partial<SightingEvidence> = {},
): SightingEvidence {
  return {
    ...key(call),
    kind: 'sighting',
    provider: 'openai',
    workload: 'spiffe://cluster.local/ns/shop/sa/checkout',
    namespace: 'shop',
    service_account: 'checkout',
    cluster: 'eu-1',
    identity_basis: 'peer_certificate',
    ...overrides,
  }
}

/** Says that its content is in the store. */
export function sampleContent(
  call: SampleCall,
  overrides: Partial<ContentEvidence> = {},
): ContentEvidence {
  const objectKey = `${call.org}/2026-01-01/${sampleRecordId(call.createdAtMs, call.id)}.json.gz`
  return {
    ...key(call),
    kind: 'content',
    provider: 'openai',
    content_key: objectKey,
    content_sha256: 'ab'.repeat(32),
    ...overrides,
  }
}

/** Its tombstone. */
export function sampleErasure(
  call: SampleCall,
  overrides: Partial<ErasureEvidence> = {},
): ErasureEvidence {
  return { ...key(call), kind: 'erasure', provider: 'openai', final: false, ...overrides }
}

/** A later price of the same call. */
export function samplePricing(
  call: SampleCall,
  overrides: Partial<PricingEvidence> = {},
): PricingEvidence {
  const price = {
    cost_usd: '0.00416',
    cost_status: 'estimated',
    price_version: '2026-09-01',
    cost_reason: 'tier',
  } as const
  return { ...key(call), kind: 'pricing', provider: 'openai', ...price, ...overrides }
}

/** What a poll reported of the work that the same call ordered. */
export function sampleDeferred(
  call: SampleCall,
  overrides: Partial<DeferredEvidence> = {},
): DeferredEvidence {
  return {
    ...sampleObservation(call),
    kind: 'deferred',
    method: 'GET',
    parent_id: sampleRecordId(call.createdAtMs, 0xfff),
    ...overrides,
  }
}

/** The three statements about a call that ended well. */
export function sampleCall(call: SampleCall): readonly Evidence[] {
  return [sampleIntent(call), sampleObservation(call), sampleClosing(call)]
}

/** Rows as an insert takes them. */
export function jsonLines(rows: readonly Evidence[]): Buffer {
  return Buffer.from(rows.map(jsonLine).join(''))
}

function key({ org, createdAtMs, id = 0 }: SampleCall) {
  return {
    org,
    created_at: new Date(createdAtMs).toISOString().replace('T', ' ').slice(0, 23),
    record_id: sampleRecordId(createdAtMs, id),
    version: createdAtMs * 1_000,
    writer: 'sample/0',
  }
}
