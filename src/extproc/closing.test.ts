import { describe, expect, test } from 'vitest'
import { RESPONSE_FLAGS } from '../../test/support/envoy-messages.ts'
import type { CallMetadata } from './call-metadata.ts'
import { closingOf, endedEarly } from './closing.ts'
import type { AccessLogEntry } from './messages.ts'

const call: CallMetadata = {
  recordId: '019b76da-a800-7000-8000-000000000001',
  org: 'org_1',
  keyId: 'key_1',
  keyHint: null,
  provider: 'gemini',
  capture: null,
}
const entry = (overrides: Partial<AccessLogEntry> = {}): AccessLogEntry => ({
  metadata: null,
  routeName: 'gemini',
  status: 200,
  flags: [],
  details: 'via_upstream',
  requestBytes: 5,
  responseBytes: 7,
  firstByteMs: 1.4,
  lastByteMs: 2.6,
  durationMs: 9,
  ...overrides,
})
const close = (overrides: Partial<AccessLogEntry> = {}) =>
  closingOf(call, entry(overrides), 42, 'i/observer')

describe('the end of a call', () => {
  test('is what Envoy said of it', () => {
    expect(close()).toEqual({
      kind: 'closing',
      org: 'org_1',
      created_at: '2026-01-01 00:00:00.000',
      record_id: call.recordId,
      version: 42,
      writer: 'i/observer',
      provider: 'gemini',
      key_id: 'key_1',
      key_hint: null,
      status: 200,
      response_flags: '',
      response_code_details: 'via_upstream',
      request_bytes: 5,
      response_bytes: 7,
      latency_ms: 3,
      time_to_first_byte_ms: 1,
    })
  })

  test('has the whole duration as latency when no byte was answered, and null when there is neither', () => {
    expect(close({ lastByteMs: null, firstByteMs: null })).toMatchObject({
      latency_ms: 9,
      time_to_first_byte_ms: null,
    })
    expect(close({ lastByteMs: null, durationMs: null }).latency_ms).toBeNull()
  })

  test('keeps bounded details', () =>
    expect(close({ details: 'x'.repeat(1_000) }).response_code_details).toHaveLength(200))

  test('names every flag that Envoy’s messages have, and an unknown one by its number', () => {
    const members = RESPONSE_FLAGS.fieldsArray.map(({ id }) => id)
    expect(members.length).toBeGreaterThan(20)
    const names = close({ flags: members }).response_flags?.split(',') ?? []
    expect(names.filter((name) => name.startsWith('flag'))).toEqual([])
    expect(new Set(names).size).toBe(members.length)
    expect(close({ flags: [15, 6, 16, 99] }).response_flags).toBe('DC,UF,URX,flag99')
  })
})

describe('a call ended early', () => {
  test.each([
    ['with any flag', { flags: [15] }, true],
    ['when the provider broke', { flags: [7] }, true],
    ['never without one', { flags: [], status: 500 }, false],
    ['not when the caller closed a websocket', { flags: [15], status: 101 }, false],
    ['when a websocket was broken', { flags: [15, 7], status: 101 }, true],
  ])('%s', (_, overrides, early) => expect(endedEarly(entry(overrides))).toBe(early))
})
