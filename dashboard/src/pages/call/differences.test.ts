import { expect, test } from 'vitest'
import { differences, type EvidenceRow } from './differences.ts'

function row(kind: string, columns: Record<string, unknown>): EvidenceRow {
  return { kind, writer: 'a/b', version: 1, ingestedAt: '2026-05-04T14:22:02.410Z', columns }
}

test('rows that agree, or of which only one speaks, do not differ', () => {
  const rows = [
    row('intent', { provider: 'openai', capture: true }),
    row('observation', { provider: 'openai', status: 200, capture: false }),
    row('closing', { status: 200, response_flags: '' }),
  ]
  expect(differences(rows)).toEqual([])
})

test('contradictions come before what was replaced and what two clocks measured', () => {
  const rows = [
    row('observation', { latency_ms: 841, cost_usd: '0.1', status: 200 }),
    row('closing', { latency_ms: 843, status: 502 }),
    row('pricing', { cost_usd: '0.2' }),
  ]
  expect(differences(rows)).toEqual([
    {
      column: 'status',
      why: 'contradicts',
      values: [
        { kind: 'observation', value: 200 },
        { kind: 'closing', value: 502 },
      ],
    },
    expect.objectContaining({ column: 'latency_ms', why: 'measured' }),
    expect.objectContaining({ column: 'cost_usd', why: 'replaced' }),
  ])
})
