import type { ClosingEvidence, IntentEvidence, ObservationEvidence, WitnessEvidence } from './evidence.ts'

/** 2026-01-01 00:00:00.000 as the milliseconds of a UUIDv7, for tests of the fold. */
export const SAMPLE_CREATED_AT_MS = Date.UTC(2026, 0, 1)
const key = {
  org: 'org_1',
  created_at: '2026-01-01 00:00:00.000',
  record_id: '019b76da-a800-7000-8000-000000000001',
  version: 1,
  witness: 'i/sample',
  provider: 'openai',
} as const

export function intent(overrides: Partial<IntentEvidence> = {}): IntentEvidence {
  return {
    ...key,
    kind: 'intent',
    method: 'POST',
    endpoint: '/v1/chat/completions',
    key_id: 'key_1',
    key_hint: '...k3f2',
    error_code: null,
    status: null,
    claimed_request_id: 'claimed',
    caller_request_id: 'callers',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    user_agent: 'OpenAI/JS',
    retry_count: 0,
    tags: { team: 'red' },
    ...overrides,
  }
}

export function observation(overrides: Partial<ObservationEvidence> = {}): ObservationEvidence {
  return {
    ...key,
    kind: 'observation',
    final: true,
    method: 'POST',
    endpoint: '/v1/chat/completions',
    key_id: 'key_1',
    key_hint: '...k3f2',
    status: 200,
    stream: true,
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
    usage_raw: '{}',
    parser_version: 'openai-1',
    cost_usd: '0.00832',
    cost_status: 'exact',
    price_version: '2026-01-01',
    request_bytes: 300,
    response_bytes: 900,
    request_complete: true,
    response_complete: true,
    gap: null,
    latency_ms: 840,
    time_to_first_byte_ms: 300,
    ...overrides,
  }
}

export function closing(overrides: Partial<ClosingEvidence> = {}): ClosingEvidence {
  return {
    ...key,
    kind: 'closing',
    key_id: 'key_1',
    key_hint: '...k3f2',
    status: 200,
    response_flags: '',
    response_code_details: 'via_upstream',
    request_bytes: 310,
    response_bytes: 910,
    latency_ms: 850,
    time_to_first_byte_ms: 310,
    ...overrides,
  }
}

export function witness(overrides: Partial<WitnessEvidence> = {}): WitnessEvidence {
  const { key_id: _, key_hint: __, time_to_first_byte_ms: ___, ...rest } = closing()
  return { ...rest, kind: 'witness', response_bytes: 911, latency_ms: 851, ...overrides }
}
