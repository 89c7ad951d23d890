import { expect, test } from 'vitest'
import { createSettingsReport } from './settings-report.ts'

test('a gate says which settings it knows when they change and every ten minutes, and again what the store did not take', async () => {
  const noted: [string, Record<string, number>][] = []
  let [loaded, nowMs, isAway] = [false, 0, false]
  const revisions = new Map([['org_1', 1]])
  const report = createSettingsReport({
    gate: 'gate-a',
    pepper: '5f0c2a9b',
    settings: {
      get loaded() {
        return loaded
      },
      revisions: () => new Map(revisions),
    },
    seen: {
      async note(gate, known) {
        if (isAway) throw new Error('the store is away')
        noted.push([gate, Object.fromEntries(known)])
      },
    },
    nowMs: () => nowMs,
  })
  await report()
  expect(noted).toEqual([])

  loaded = true
  await report()
  await report()
  expect(noted).toEqual([['gate-a', { org_1: 1 }]])

  isAway = true
  revisions.set('org_1', 2)
  await expect(report()).rejects.toThrow('away')
  isAway = false
  await report()
  expect(noted[1]).toEqual(['gate-a', { org_1: 2 }])

  nowMs += 599_000
  await report()
  expect(noted).toHaveLength(2)
  nowMs += 1_000
  await report()
  expect(noted).toHaveLength(3)
})
