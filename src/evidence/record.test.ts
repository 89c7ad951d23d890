import { describe, expect, test } from 'vitest'
import type { Evidence } from './evidence.ts'
import { foldRecord } from './record.ts'
import { createdAtMs, createVersionClock, timestampText } from './record-id.ts'
import {
  accessLogRow,
  closing,
  intent,
  observation,
  SAMPLE_CREATED_AT_MS,
} from './sample-statements.ts'

const fold = (...evidence: Evidence[]) => foldRecord(evidence, SAMPLE_CREATED_AT_MS + 60_000)
/** Every order of up to four statements. */
const orders = <T>(list: readonly T[]): T[][] =>
  list.length < 2
    ? [[...list]]
    : list.flatMap((one, index) => orders(list.toSpliced(index, 1)).map((rest) => [one, ...rest]))

describe('a record', () => {
  test('takes each field from the row that knows it best', () => {
    expect(fold(intent(), observation(), closing(), accessLogRow())).toMatchObject({
      requestId: '019b76da-a800-7000-8000-000000000001',
      outcome: 'complete',
      source: 'proxy',
      // The gate: who asked, and what for.
      endpoint: '/v1/chat/completions',
      claimedRequestId: 'claimed',
      callerRequestId: 'callers',
      sessionId: 'session',
      tags: { team: 'red' },
      retryCount: 0,
      // The observer: what was said.
      model: 'gpt-4o-2024-08-06',
      inputTokens: 512,
      cachedInputTokens: 0,
      reasoningTokens: null,
      costUsd: '0.00832',
      // Envoy: what reached the caller.
      status: 200,
      latencyMs: 850,
      timeToFirstByteMs: 310,
      requestBytes: 310,
      responseBytes: 910,
      createdAt: '2026-01-01T00:00:00.000Z',
      completedAt: '2026-01-01T00:00:00.850Z',
    })
  })

  test('says of a call through a mesh who made it, and from what that is known', () => {
    const who = {
      workload: 'spiffe://cluster.local/ns/shop/sa/checkout',
      namespace: 'shop',
      service_account: 'checkout',
      cluster: 'eu-1',
      identity_basis: 'peer_certificate',
    } as const
    expect(fold(intent({ key_id: null, ...who }), observation(), closing())).toMatchObject({
      source: 'mesh',
      keyId: null,
      workload: who.workload,
      namespace: 'shop',
      serviceAccount: 'checkout',
      cluster: 'eu-1',
      identityBasis: 'peer_certificate',
    })
    expect(fold(intent(), observation(), closing())).toMatchObject({
      source: 'proxy',
      workload: null,
      identityBasis: null,
    })
  })

  test('says of a call that a subscription pays for that its cost is the list price', () => {
    const of = (credential: 'api_key' | 'oauth' | 'subscription' | null, cost: object) =>
      fold(intent({ credential }), observation(cost), closing())
    const exact = { cost_status: 'exact', cost_reason: null } as const
    expect(of('subscription', exact)).toMatchObject({
      credential: 'subscription',
      costUsd: '0.00832',
      costStatus: 'estimated',
      costReason: 'subscription',
    })
    expect(
      of('subscription', { cost_status: 'estimated', cost_reason: 'partial_usage' }),
    ).toMatchObject({ costStatus: 'estimated', costReason: 'subscription' })
    const unpriced = {
      cost_usd: null,
      cost_status: 'unpriced',
      cost_reason: 'unknown_model',
    } as const
    expect(of('subscription', unpriced)).toMatchObject({
      costStatus: 'unpriced',
      costReason: 'unknown_model',
    })
    expect(of('subscription', { cost_usd: null, cost_status: null })).toMatchObject({
      costStatus: null,
    })
    for (const credential of ['api_key', 'oauth', null] as const)
      expect(of(credential, exact)).toMatchObject({
        credential,
        costStatus: 'exact',
        costReason: null,
      })
  })

  test('is the same in whatever order its evidence comes, and however often', () => {
    const statements = [intent(), observation(), closing(), accessLogRow()]
    const expected = fold(...statements)
    for (const order of orders(statements)) expect(fold(...order, ...order)).toEqual(expected)
  })

  test('takes the latest row of a kind as a whole, never fields of an older one', () => {
    const older = observation({ version: 1, model: 'old', finish_reason: 'stop', input_tokens: 1 })
    const newer = observation({ version: 2, model: 'new', finish_reason: null, input_tokens: null })
    for (const order of [
      [older, newer],
      [newer, older],
    ])
      expect(fold(intent(), closing(), ...order)).toMatchObject({
        model: 'new',
        finishReason: null,
        inputTokens: null,
      })
  })

  test('believes the access log stream over the JSON log, and the JSON log where the stream is silent', () => {
    expect(fold(observation(), closing(), accessLogRow({ version: 99 }))).toMatchObject({
      latencyMs: 850,
      responseBytes: 910,
    })
    expect(fold(observation(), accessLogRow())).toMatchObject({
      latencyMs: 851,
      responseBytes: 911,
      timeToFirstByteMs: 300,
    })
  })

  test('says the status the caller saw: 502 of Envoy over 200 of the provider', () => {
    expect(
      fold(intent(), observation({ status: 200 }), closing({ status: 502, response_flags: 'UC' }))
        ?.status,
    ).toBe(502)
    expect(
      fold(intent(), observation({ status: 200 }), closing({ status: null, response_flags: 'DC' }))
        ?.status,
    ).toBe(200)
    expect(fold(intent({ error_code: 'forbidden', status: 403 }))).toMatchObject({
      status: 403,
      outcome: 'rejected',
      errorCode: 'forbidden',
      usageSource: 'none',
    })
  })

  test('never invents what no one saw: null, and the keys are there', () => {
    const unseen = foldRecord(
      [intent({ tags: {} }), closing({ latency_ms: null, time_to_first_byte_ms: null })],
      SAMPLE_CREATED_AT_MS + 60_000,
    )
    expect(unseen).toMatchObject({
      outcome: 'capture_lost',
      usageSource: 'none',
      model: null,
      inputTokens: null,
      costUsd: null,
      latencyMs: null,
      completedAt: null,
      captureGap: null,
      stream: null,
    })
    expect(Object.keys(unseen ?? {})).toEqual(
      Object.keys(fold(intent(), observation(), closing()) ?? {}),
    )
  })

  test('names the key also without the gate’s row, but not from the JSON log alone', () => {
    expect(fold(closing())).toMatchObject({ keyId: 'key_1', keyHint: '...k3f2' })
    expect(fold(observation())).toMatchObject({ keyId: 'key_1' })
    expect(fold(accessLogRow())).toMatchObject({
      keyId: null,
      keyHint: null,
      outcome: 'capture_lost',
    })
  })

  test('is none while the call is open or when there is no evidence', () => {
    expect(fold()).toBeNull()
    expect(fold(intent())).toBeNull()
    expect(foldRecord([intent()], SAMPLE_CREATED_AT_MS + 7_216_000)?.outcome).toBe('unknown')
  })
})

describe('the clocks of a record', () => {
  test('createdAt is the millisecond of its id', () => {
    expect(createdAtMs('019b76da-a800-7000-8000-000000000001')).toBe(SAMPLE_CREATED_AT_MS)
    expect(timestampText(SAMPLE_CREATED_AT_MS + 7)).toBe('2026-01-01 00:00:00.007')
    expect(timestampText(SAMPLE_CREATED_AT_MS + 59_999)).toBe('2026-01-01 00:00:59.999')
    expect(timestampText(SAMPLE_CREATED_AT_MS)).toBe('2026-01-01 00:00:00.000')
  })

  test('versions only grow, also when the wall clock goes back, and survive a double’s precision', () => {
    const times = [
      SAMPLE_CREATED_AT_MS,
      SAMPLE_CREATED_AT_MS,
      SAMPLE_CREATED_AT_MS - 60_000,
      SAMPLE_CREATED_AT_MS + 1,
    ]
    const version = createVersionClock(() => times.shift() ?? SAMPLE_CREATED_AT_MS + 1)
    const versions = [version(), version(), version(), version(), version()]
    expect(versions).toEqual([...versions].sort((one, other) => one - other))
    expect(new Set(versions).size).toBe(5)
    for (const one of versions) expect(Number.isSafeInteger(one)).toBe(true)
  })
})
