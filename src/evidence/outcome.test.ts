import { describe, expect, test } from 'vitest'
import {
  MAX_CALL_SECONDS,
  OBSERVATION_GRACE_SECONDS,
  type Outcome,
  type OutcomeEvidence,
  outcomeOf,
} from './outcome.ts'
import { accessLogRow, closing, intent, observation } from './sample-statements.ts'

const nothing: OutcomeEvidence = { intent: null, observation: null, closing: null, runEnded: false }
const LONG_AFTER = MAX_CALL_SECONDS + OBSERVATION_GRACE_SECONDS + 1
const of = (evidence: Partial<OutcomeEvidence>, ageSeconds = 60) =>
  outcomeOf({ ...nothing, ...evidence }, ageSeconds)
const flagged = (response_flags: string, response_code_details: string | null = 'details') =>
  closing({ response_flags, response_code_details })

describe('a call ended', () => {
  const cases: ReadonlyArray<
    readonly [what: string, evidence: Partial<OutcomeEvidence>, outcome: Outcome]
  > = [
    [
      'refused by the gate',
      {
        intent: intent({ error_code: 'missing_provider_key', status: 400 }),
        closing: closing({ status: 400 }),
      },
      'rejected',
    ],
    [
      'refused, though the caller left too',
      { intent: intent({ error_code: 'forbidden', status: 403 }), closing: flagged('DC') },
      'rejected',
    ],
    [
      'seen whole by everybody',
      { intent: intent(), observation: observation(), closing: closing() },
      'complete',
    ],
    [
      'seen whole, the access log lost',
      { intent: intent(), observation: observation() },
      'complete',
    ],
    [
      'seen whole, the gate’s row lost',
      { observation: observation(), closing: closing() },
      'complete',
    ],
    [
      'seen whole, its end known from the JSON log',
      { intent: intent(), observation: observation(), closing: accessLogRow() },
      'complete',
    ],
    [
      'with an error of the provider, seen whole',
      {
        intent: intent(),
        observation: observation({ status: 500 }),
        closing: closing({ status: 500 }),
      },
      'complete',
    ],
    [
      'by the caller',
      {
        intent: intent(),
        observation: observation({ response_complete: false, gap: 'call_ended_early' }),
        closing: flagged('DC'),
      },
      'client_aborted',
    ],
    [
      'whole, though the caller closed at the last event',
      {
        intent: intent(),
        observation: observation({
          response_complete: false,
          answer_end_bytes: 900,
          gap: 'call_ended_early',
        }),
        closing: closing({ response_flags: 'DC', response_bytes: 900 }),
      },
      'complete',
    ],
    [
      'whole, though the provider broke the connection after the last event',
      {
        intent: intent(),
        observation: observation({ response_complete: false, answer_end_bytes: 900 }),
        closing: closing({
          response_flags: 'UC',
          response_code_details: 'upstream_reset_after_response_started{x}',
          response_bytes: 900,
        }),
      },
      'complete',
    ],
    [
      'by the caller, before Envoy had passed on the last event',
      {
        intent: intent(),
        observation: observation({ response_complete: false, answer_end_bytes: 900 }),
        closing: closing({ response_flags: 'DC', response_bytes: 899 }),
      },
      'client_aborted',
    ],
    [
      'by the caller, whose request was not seen whole',
      {
        intent: intent(),
        observation: observation({
          request_complete: false,
          request_bytes: 10,
          response_complete: false,
          answer_end_bytes: 900,
        }),
        closing: closing({ response_flags: 'DC', request_bytes: 20, response_bytes: 900 }),
      },
      'client_aborted',
    ],
    [
      'by the caller, though the copy is whole',
      { intent: intent(), observation: observation(), closing: flagged('DC') },
      'client_aborted',
    ],
    [
      'by the caller’s protocol error',
      { intent: intent(), observation: observation(), closing: flagged('DPE') },
      'client_aborted',
    ],
    ['by the caller, unobserved', { intent: intent(), closing: flagged('DR') }, 'client_aborted'],
    [
      'by the caller, after the provider broke too',
      { intent: intent(), closing: flagged('UC,DC') },
      'client_aborted',
    ],
    [
      'by the caller closing a websocket',
      {
        intent: intent(),
        observation: observation({ status: 101 }),
        closing: closing({ status: 101, response_flags: 'DC' }),
      },
      'complete',
    ],
    [
      'by the provider closing a websocket that said so',
      {
        intent: intent(),
        observation: observation({ status: 101 }),
        closing: closing({ status: 101, response_flags: 'UC' }),
      },
      'complete',
    ],
    [
      'by the provider breaking a websocket',
      {
        intent: intent(),
        observation: observation({ status: 101, response_complete: false }),
        closing: closing({
          status: 101,
          response_flags: 'UC',
          response_code_details: 'upstream_reset_after_response_started{x}',
        }),
      },
      'upstream_reset',
    ],
    [
      'by a timeout of the provider',
      { intent: intent(), closing: flagged('UT') },
      'upstream_timeout',
    ],
    ['by silence', { intent: intent(), closing: flagged('SI') }, 'upstream_timeout'],
    ['at the longest duration', { intent: intent(), closing: flagged('DT') }, 'upstream_timeout'],
    [
      'with retries spent on timeouts',
      { intent: intent(), closing: flagged('UT,URX') },
      'upstream_timeout',
    ],
    [
      'before the provider could be reached',
      {
        intent: intent(),
        closing: flagged('UF', 'upstream_reset_before_response_started{connection_failure}'),
      },
      'upstream_error',
    ],
    [
      'for lack of a healthy provider',
      { intent: intent(), closing: flagged('UH', 'no_healthy_upstream') },
      'upstream_error',
    ],
    ['for lack of a cluster', { intent: intent(), closing: flagged('NC', null) }, 'upstream_error'],
    [
      'by a reset before the answer',
      {
        intent: intent(),
        closing: flagged('UR', 'upstream_reset_before_response_started{remote_reset}'),
      },
      'upstream_error',
    ],
    [
      'by a reset within the answer',
      {
        intent: intent(),
        observation: observation({ response_complete: false }),
        closing: flagged('UC', 'upstream_reset_after_response_started{connection_termination}'),
      },
      'upstream_reset',
    ],
    ['well, but no one saw it', { intent: intent(), closing: closing() }, 'capture_lost'],
    [
      'well, but the copy of the answer is not whole',
      {
        intent: intent(),
        observation: observation({ response_complete: false }),
        closing: closing(),
      },
      'capture_lost',
    ],
    [
      'well, but the copy of the request is not whole',
      {
        intent: intent(),
        observation: observation({ request_complete: false, request_bytes: 9 }),
        closing: closing({ request_bytes: 10 }),
      },
      'capture_lost',
    ],
    [
      'well, the provider having answered before the request had ended',
      {
        intent: intent(),
        observation: observation({ request_complete: false, request_bytes: 10 }),
        closing: closing({ request_bytes: 10 }),
      },
      'complete',
    ],
    [
      'well, but neither copy is whole',
      {
        observation: observation({ request_complete: false, response_complete: false }),
        closing: closing({ request_bytes: 0 }),
      },
      'capture_lost',
    ],
    [
      'somehow, the request not wholly seen',
      { observation: observation({ request_complete: false }) },
      'capture_lost',
    ],
    [
      'somehow: a copy that is not whole is all there is',
      { observation: observation({ response_complete: false, gap: 'stream_lost' }) },
      'capture_lost',
    ],
    [
      'with a flag no one knows, seen whole',
      { observation: observation(), closing: flagged('flag77') },
      'complete',
    ],
  ]

  test.each(cases)('%s', (_, evidence, outcome) => {
    expect(of(evidence)).toBe(outcome)
    // Later looks change nothing.
    expect(of(evidence, LONG_AFTER)).toBe(outcome)
  })
})

describe('a call is open', () => {
  test('until somebody saw its end, at most as long as a call may last', () => {
    for (const evidence of [
      { intent: intent() },
      { intent: intent(), observation: observation({ final: false }) },
      {},
    ]) {
      expect(of(evidence, 0)).toBeNull()
      expect(of(evidence, MAX_CALL_SECONDS + OBSERVATION_GRACE_SECONDS)).toBeNull()
      expect(of(evidence, LONG_AFTER)).toBe('unknown')
    }
  })

  test('no longer than the start of Envoy that carries it, and later evidence still counts', () => {
    const runEnded = true
    expect(of({ intent: intent(), runEnded }, 0)).toBe('unknown')
    expect(of({ intent: intent(), observation: observation({ final: false }), runEnded }, 0)).toBe(
      'unknown',
    )
    expect(of({ intent: intent(), observation: observation(), runEnded }, 0)).toBe('complete')
    expect(
      of({ intent: intent(), observation: observation(), closing: flagged('DC'), runEnded }, 0),
    ).toBe('client_aborted')
    expect(of({ intent: intent({ error_code: 'forbidden', status: 403 }), runEnded }, 0)).toBe(
      'rejected',
    )
  })

  test('while its end is known and what was seen of it may still come', () => {
    const long = closing({ latency_ms: 100_000 })
    expect(of({ intent: intent(), closing: long }, 100 + OBSERVATION_GRACE_SECONDS)).toBeNull()
    expect(of({ intent: intent(), closing: long }, 100 + OBSERVATION_GRACE_SECONDS + 0.001)).toBe(
      'capture_lost',
    )
    expect(
      of({ intent: intent(), observation: observation({ final: false }), closing: long }, 100),
    ).toBeNull()
    expect(of({ intent: intent(), observation: observation(), closing: long }, 100)).toBe(
      'complete',
    )
  })

  test('not forever, whatever latency a log claims', () => {
    const absurd = closing({ latency_ms: 1e12 })
    expect(of({ intent: intent(), closing: absurd }, LONG_AFTER)).toBe('capture_lost')
  })

  test('not when it was refused', () =>
    expect(of({ intent: intent({ error_code: 'forbidden' }) }, 0)).toBe('rejected'))
})
