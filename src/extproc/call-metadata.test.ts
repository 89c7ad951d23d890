import { describe, expect, test } from 'vitest'
import { type CallMetadata, createMetadataSeal } from './call-metadata.ts'

const seal = createMetadataSeal(Buffer.from('secret of a test'))
const call: CallMetadata = {
  recordId: '0199c0de-0000-7000-8000-000000000001',
  org: 'org_1',
  keyId: 'key_1',
  keyHint: '...abcd',
  provider: 'openai',
  capture: null,
}
const fields = (changes: Readonly<Record<string, string>> = {}) =>
  new Map(Object.entries({ ...seal.seal(call, false), ...changes }))

describe('the gate’s claims', () => {
  test.each<CallMetadata>([call, { ...call, keyHint: null }, { ...call, isSecond: true }])(
    'are believed by all that share the secret',
    (one) => {
      const other = createMetadataSeal(Buffer.from('secret of a test'))
      for (const echo of [true, false])
        expect(other.open(new Map(Object.entries(seal.seal(one, echo))))).toEqual(one)
    },
  )

  test('carries the echo only when it was asked for', () => {
    expect(seal.seal(call, true)).toMatchObject({ echo: call.recordId })
    expect(seal.seal(call, false)).not.toHaveProperty('echo')
  })

  test('is not believed under another secret', () =>
    expect(createMetadataSeal(Buffer.from('another')).open(fields())).toBeNull())

  test.each(['record_id', 'org', 'key_id', 'key_hint', 'provider', 'mac'])(
    'is not believed with another %s, or without',
    (name) => {
      const forged =
        {
          record_id: '0199c0de-0000-7000-8000-000000000002',
          org: 'org_2',
          key_id: 'key_2',
          key_hint: '...efgh',
          provider: 'gemini',
          mac: 'A'.repeat(22),
        }[name] ?? ''
      expect(seal.open(fields({ [name]: forged }))).toBeNull()
      const missing = fields()
      missing.delete(name)
      expect(seal.open(missing)).toBeNull()
      expect(seal.open(fields({ [name]: '' }))).toBeNull()
    },
  )

  test('is not believed with a cut, lengthened or damaged seal', () => {
    const mac = fields().get('mac') ?? ''
    for (const damaged of [
      mac.slice(0, -2),
      mac.slice(0, 4),
      `${mac}AAAA`,
      mac.toLowerCase() === mac ? mac.toUpperCase() : mac.toLowerCase(),
      '!!',
      '\u0000',
    ])
      expect(seal.open(fields({ mac: damaged }))).toBeNull()
  })

  test('cannot be moved from one field to the next', () => {
    expect(seal.open(fields({ org: 'org_1\nkey_1', key_id: '...abcd' }))).toBeNull()
  })

  test('is missing where there is nothing', () => {
    expect(seal.open(null)).toBeNull()
    expect(seal.open(new Map())).toBeNull()
  })
})
