import { beforeEach, describe, expect, test } from 'vitest'
import { derivedRecordId } from '../evidence/record-id.ts'
import { createHopSeals, type Hop } from './hop-seal.ts'

const secret = Buffer.from('secret of a test')
const START_MS = 1_790_000_000_000
const HOP: Hop = {
  proxy: 'spiffe://cluster.local/ns/shop/sa/checkout',
  authority: 'api.openai.com',
  path: '/v1/chat/completions',
}

let nowMs: number
beforeEach(() => {
  nowMs = START_MS
})
const clock = () => nowMs
const callAt = (atMs: number, digit = '1') => ({
  recordId: derivedRecordId(atMs, digit.repeat(18)),
  org: 'org_1',
})

describe('a seal for the next proxy', () => {
  test('says once which record the call has, to any gate that shares the secret', () => {
    const call = callAt(START_MS)
    const text = createHopSeals(secret, null, clock).issue(call, HOP)
    const others = createHopSeals(Buffer.from('a newer one'), secret, clock)
    expect(others.redeem(text, { ...HOP, authority: 'API.openai.com' })).toEqual(call)
    expect(others.redeem(text, HOP)).toBeNull()
  })

  test.each<[string, Partial<Hop>]>([
    ['another proxy', { proxy: 'spiffe://cluster.local/ns/lab/sa/notebook' }],
    ['another host', { authority: 'api.anthropic.com' }],
    ['another path', { path: '/v1/responses' }],
  ])('is worth nothing with %s, and is not used up by trying', (_name, other) => {
    const seals = createHopSeals(secret, null, clock)
    const call = callAt(START_MS)
    const text = seals.issue(call, HOP)
    expect(seals.redeem(text, { ...HOP, ...other })).toBeNull()
    expect(seals.redeem(text, HOP)).toEqual(call)
  })

  test('lives for a minute, and is not taken from the future', () => {
    const seals = createHopSeals(secret, null, clock)
    const [first, second, later] = [START_MS, START_MS + 1, START_MS + 90_000].map((atMs) =>
      seals.issue(callAt(atMs), HOP),
    )
    expect(seals.redeem(later ?? '', HOP)).toBeNull()
    nowMs = START_MS + 60_001
    expect(seals.redeem(first ?? '', HOP)).toBeNull()
    expect(seals.redeem(second ?? '', HOP)).not.toBeNull()
  })

  test('is not taken twice, however many others were taken between', () => {
    const seals = createHopSeals(secret, null, clock)
    const text = seals.issue(callAt(START_MS + 5_000), HOP)
    expect(seals.redeem(text, HOP)).not.toBeNull()
    for (let second = 1; second <= 64; second += 1) {
      nowMs = START_MS + second * 1_000
      expect(seals.redeem(seals.issue(callAt(nowMs, '2'), HOP), HOP)).not.toBeNull()
      expect(seals.redeem(text, HOP)).toBeNull()
    }
  })

  test('is not believed in any other form', () => {
    const seals = createHopSeals(secret, null, clock)
    const text = seals.issue(callAt(START_MS), HOP)
    const [recordId = '', org = '', mac = ''] = text.split('.')
    for (const other of [
      '',
      '..',
      `${text}.`,
      `${text},${text}`,
      `${recordId}.org_2.${mac}`,
      `${callAt(START_MS, '3').recordId}.${org}.${mac}`,
      `${recordId}.${org}.`,
      `${recordId}.${org}.${'A'.repeat(43)}`,
      `${'x'.repeat(36)}.${org}.${mac}`,
      'x'.repeat(5_000),
      createHopSeals(Buffer.from('another secret'), null, clock).issue(callAt(START_MS), HOP),
    ])
      expect(seals.redeem(other, HOP)).toBeNull()
  })
})
