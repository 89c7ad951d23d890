import { expect, test } from 'vitest'
import { flintKeyHint, hashFlintKey, makeFlintKey } from './flint-key.ts'

test('a Flint key is recognisable and random', () => {
  const keys = Array.from({ length: 200 }, makeFlintKey)
  for (const key of keys) expect(key).toMatch(/^flnt_live_[0-9A-Za-z]{43}$/)
  expect(new Set(keys).size).toBe(200)
  expect(new Set(keys.join('').replaceAll('flnt_live_', '')).size).toBe(62)
})

test('what is stored of a key depends on the pepper and gives nothing of the key away', () => {
  const key = makeFlintKey()
  expect(hashFlintKey(Buffer.from('a'), key)).toMatch(/^[0-9a-f]{64}$/)
  expect(hashFlintKey(Buffer.from('a'), key)).toBe(hashFlintKey(Buffer.from('a'), key))
  expect(hashFlintKey(Buffer.from('a'), key)).not.toBe(hashFlintKey(Buffer.from('b'), key))
  expect(flintKeyHint(key)).toBe(`flnt_live_...${key.slice(-4)}`)
})
