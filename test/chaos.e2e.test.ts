import { expect, test } from 'vitest'
import { chaos, closingLines } from './chaos/chaos.ts'

/* The short form of `npm run chaos`: same driver, same schedule, same comparison. */

test('a minute of kills, pauses, cuts and a full disk: no undeclared loss, no duplicate, no wrong number', async () => {
  const result = await chaos({ seconds: 60, seed: 20260101, say: () => {} })
  const said = closingLines(result).join('\n')
  expect(result.undeclaredLosses, said).toEqual([])
  expect(result.duplicates, said).toEqual([])
  expect(result.wrongNumbers, said).toEqual([])
  expect(result.kills, said).toBeGreaterThanOrEqual(16)
  expect(result.forwarded, said).toBeGreaterThan(1_000)
  expect(result.complete, said).toBeGreaterThan(600)
  expect(result.reconciled, said).toMatchObject({
    differing: 0,
    forged: 0,
    withoutRecord: 0,
    onlyInLog: 0,
  })
})
