import { expect, test } from 'vitest'
import { FUZZ_SEEDS, fuzz } from './fixtures/fuzz.ts'

// 100,000 over recorded bodies: `npm run fuzz`.
test('no body crashes a reader, holds memory, or makes a number that is not in it', {
  timeout: 120_000,
}, async () => {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  expect(await fuzz(FUZZ_SEEDS, 0, 10_000)).toEqual([])
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
})
