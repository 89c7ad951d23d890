import { expect } from 'vitest'
import type { FlintUnderTest, ListedRecord } from './flint.ts'
import { until } from './until.ts'

/**
 * Waits for the records that carry these claimed ids and fails when one of them has two, be the
 * second one late.
 */
export async function recordsByClaim(
  flint: Pick<FlintUnderTest, 'records' | 'metrics'>,
  claims: readonly string[],
  query: Readonly<Record<string, string>> = {},
): Promise<Map<string, ListedRecord>> {
  const wanted = new Set(claims)
  let found: ListedRecord[] = []
  const look = async () => {
    found = (await flint.records(query)).filter(
      ({ claimedRequestId }) => claimedRequestId !== null && wanted.has(claimedRequestId),
    )
    return found.length >= wanted.size
  }
  await until(`records of ${claims.length} calls`, 15_000, look).catch((error: Error) => {
    const missing = claims.filter(
      (claim) => !found.some(({ claimedRequestId }) => claimedRequestId === claim),
    )
    throw new Error(`${error.message}; missing: ${missing}`)
  })
  // A second record may lie in the spool while the first one is there.
  await until('all evidence to be delivered', 15_000, async () => {
    const waiting = (await flint.metrics()).get('flint_delivery_backlog_bytes')
    return waiting === 0
  })
  await look()
  const byClaim = new Map<string, ListedRecord>()
  for (const record of found) {
    const claim = record.claimedRequestId ?? ''
    if (byClaim.has(claim)) throw new Error(`two records of ${claim}`)
    byClaim.set(claim, record)
  }
  return byClaim
}

/** Costs are floating point figures here: a millionth of one may differ. */
export function expectCost(
  record: ListedRecord | undefined,
  wanted: number | null,
  id: string,
): void {
  if (wanted === null || record?.costUsd == null)
    expect.soft(record?.costUsd, `${id}: cost`).toBe(wanted)
  else
    expect
      .soft(Math.abs(record.costUsd - wanted), `${id}: cost ${record.costUsd}, not ${wanted}`)
      .toBeLessThanOrEqual(1e-6 * wanted)
}
