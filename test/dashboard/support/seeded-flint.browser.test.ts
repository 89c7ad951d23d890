import { describe, expect, test } from 'vitest'
import { useServer } from '../../support/use-flint.ts'
import { startSeededFlint } from './seeded-flint.ts'

const flint = useServer(() => startSeededFlint({ days: 3, count: 1_500 }))

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(flint.baseUrl + path, {
    headers: { authorization: `Bearer ${flint.key}` },
  })
  expect(response.status, path).toBe(200)
  return (await response.json()) as T
}

describe('a seeded Flint', () => {
  test('has all that its pages show: several models, prices that are not known, losses, a prompt', async () => {
    const from = new Date(flint.endMs - 3 * 86_400_000).toISOString()
    const to = new Date(flint.endMs).toISOString()
    const { totals } = await ask<{ totals: Record<string, unknown> }>(
      `/v1/audit/summary?from=${from}&to=${to}`,
    )
    expect(totals['calls']).toBe(flint.calls)
    const losses = await ask<{ calls: number; lost: number }>(
      `/v1/audit/losses?from=${from}&to=${to}`,
    )
    expect(losses.lost).toBeGreaterThan(0)
    expect(losses.lost).toBeLessThan(losses.calls / 100)
    for (const [field, values] of [
      ['model', ['gpt-4o-2024-08-06', 'claude-sonnet-4-5-20250929', 'contracts-7b']],
      ['outcome', ['complete', 'client_aborted', 'rejected']],
      ['costStatus', ['exact', 'estimated', 'unpriced']],
      ['source', ['proxy', 'client']],
    ] as const) {
      const facets = await ask<{ values: { value: string }[] }>(
        `/v1/audit/facets?field=${field}&from=${from}`,
      )
      expect(facets.values.map(({ value }) => value)).toEqual(expect.arrayContaining([...values]))
    }
    const { messages } = await ask<{ messages: { role: string }[] }>(
      `/v1/audit/prompt/${flint.conversation}?include=all`,
    )
    expect(messages.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['system', 'user', 'tool', 'assistant']),
    )
  })
})
