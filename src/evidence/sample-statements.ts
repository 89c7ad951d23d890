import type {
  AccessLogEvidence,
  ClosingEvidence,
  IntentEvidence,
  ObservationEvidence,
} from './evidence.ts'
import {
  sampleAccessLogRow,
  sampleClosing,
  sampleIntent,
  sampleObservation,
} from './sample-evidence.ts'

/**
 * One call of 2026-01-01 00:00:00.000, with every claim made and every statement a little
 * different, for tests of the fold.
 */
export const SAMPLE_CREATED_AT_MS = Date.UTC(2026, 0, 1)
const CALL = { org: 'org_1', createdAtMs: SAMPLE_CREATED_AT_MS, id: 1 }
const VERSION = { version: 1 }

export function intent(overrides: Partial<IntentEvidence> = {}): IntentEvidence {
  const claims = {
    claimed_request_id: 'claimed',
    caller_request_id: 'callers',
    session_id: 'session',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    user_agent: 'OpenAI/JS',
    tags: { team: 'red' },
  }
  return sampleIntent(CALL, { ...VERSION, ...claims, ...overrides })
}

export function observation(overrides: Partial<ObservationEvidence> = {}): ObservationEvidence {
  return sampleObservation(CALL, {
    ...VERSION,
    stream: true,
    usage_raw: '{}',
    price_version: '2026-01-01',
    ...overrides,
  })
}

export function closing(overrides: Partial<ClosingEvidence> = {}): ClosingEvidence {
  return sampleClosing(CALL, {
    ...VERSION,
    latency_ms: 850,
    time_to_first_byte_ms: 310,
    ...overrides,
  })
}

export function accessLogRow(overrides: Partial<AccessLogEvidence> = {}): AccessLogEvidence {
  return sampleAccessLogRow(CALL, { ...VERSION, latency_ms: 851, ...overrides })
}
