import { expect, test } from 'vitest'
import type { Losses } from '../../api/answers.ts'
import { allLosses } from './all-losses.ts'

const START_MS = Date.parse('2026-05-04T00:00Z')
const range = { from: '2026-05-04T00:00:00.000Z', to: '2026-05-05T00:00:00.000Z' }

/** A ledger that names at most `limit` of `count` calls, two in each millisecond. */
function ledgerOf(count: number) {
  const all = Array.from({ length: count }, (_, n) => ({
    requestId: `call-${n}`,
    createdAt: new Date(START_MS + Math.floor(n / 2)).toISOString(),
    reason: 'not_observed' as const,
  })).reverse()
  return async ({ to = '', limit = '' }: Record<string, string>): Promise<Losses> => ({
    ...{ from: '', to: '', calls: count, lost: count, open: 0, coverage: 0 },
    ...{ envoyOnly: 0, differing: 0, windows: [] },
    losses: all.filter(({ createdAt }) => createdAt < to).slice(0, Number(limit)),
  })
}

test('more lost calls than one answer names are all there, each once', async () => {
  const losses = await allLosses(range, ledgerOf(2_501))
  expect(losses).toHaveLength(2_501)
  expect(new Set(losses.map(({ requestId }) => requestId)).size).toBe(2_501)
})

test('no loss is no row', async () => {
  expect(await allLosses(range, ledgerOf(0))).toEqual([])
})
