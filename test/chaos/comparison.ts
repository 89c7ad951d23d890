import type { FlintUnderTest } from '../support/flint.ts'
import type { CallersTruth } from './driver.ts'
import type { ProvidersTruth } from './truth-provider.ts'

/** What the records came to, beside the truth. Each list names calls, with what is wrong. */
export interface Verdict {
  readonly calls: number
  readonly forwarded: number
  readonly records: number
  /** Records whose call was wholly observed. */
  readonly complete: number
  /** Calls that the ledger names as lost, or as still open. */
  readonly declared: number
  readonly undeclaredLosses: readonly string[]
  readonly duplicates: readonly string[]
  readonly wrongNumbers: readonly string[]
  /** `flint reconcile` over Envoy's log, afterwards. */
  readonly reconciled: Readonly<Record<string, unknown>>
}

interface StoredCall {
  readonly claim: string
  readonly record_id: string
  readonly outcome: string | null
  readonly status: number | null
  readonly usage_source: string | null
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly response_bytes: number | null
  readonly observed: number
}

const STORED = `SELECT i.claim AS claim, toString(i.record_id) AS record_id, f.outcome AS outcome, f.status AS status, f.usage_source AS usage_source, f.input_tokens AS input_tokens,
    f.output_tokens AS output_tokens, f.response_bytes AS response_bytes, o.observed AS observed
  FROM (SELECT record_id, any(claimed_request_id) AS claim FROM evidence WHERE kind = 'intent' AND startsWith(claimed_request_id, 'chaos-') GROUP BY record_id) AS i
  LEFT JOIN (SELECT record_id, outcome, status, usage_source, input_tokens, output_tokens, response_bytes FROM calls) AS f USING record_id
  LEFT JOIN (SELECT record_id, toUInt8(max(ifNull(final, false) AND gap IS NULL)) AS observed FROM evidence WHERE kind = 'observation' GROUP BY record_id) AS o USING record_id
  SETTINGS join_use_nulls = 1`

export async function compare(
  flint: FlintUnderTest,
  calls: readonly CallersTruth[],
  truth: ReadonlyMap<string, ProvidersTruth>,
  envoyLogs: readonly string[],
): Promise<Verdict> {
  const stored = await flint.sql<StoredCall>(STORED)
  const ledger = JSON.parse(await flint.cli('losses', '--json', '--limit', '10000')) as {
    losses: ReadonlyArray<{ requestId: string }>
    open: number
  }
  const lost = new Set(ledger.losses.map(({ requestId }) => requestId))
  const byClaim = new Map<string, StoredCall[]>()
  for (const row of stored) byClaim.set(row.claim, [...(byClaim.get(row.claim) ?? []), row])
  const undeclaredLosses: string[] = []
  const duplicates: string[] = []
  const wrongNumbers: string[] = []
  let declared = 0
  let complete = 0
  for (const call of calls) {
    const mine = truth.get(call.id)
    const rows = byClaim.get(call.id) ?? []
    if (rows.length > 1)
      duplicates.push(`${call.id}: ${rows.map(({ record_id }) => record_id).join(', ')}`)
    if (mine && mine.asked > 1)
      duplicates.push(`${call.id}: the provider was asked ${mine.asked} times`)
    const row = rows[0]
    if (!row) {
      if (mine)
        undeclaredLosses.push(`${call.id} (${call.plan}): the provider was asked, no record begins`)
      continue
    }
    if (row.outcome === 'complete') complete += 1
    const isDeclared = lost.has(row.record_id) || row.outcome === null
    if (isDeclared) declared += 1
    if (mine && !isDeclared && row.observed === null)
      undeclaredLosses.push(
        `${call.id} (${call.plan}): ${row.outcome}, not observed, not in the ledger`,
      )
    if (call.whole && call.status === 200 && !isDeclared && row.outcome !== 'complete')
      undeclaredLosses.push(
        `${call.id} (${call.plan}): ${row.outcome}, not in the ledger, and the caller got it whole`,
      )
    const wrong = wrongNumberOf(call, mine, row)
    if (wrong !== null) wrongNumbers.push(`${call.id} (${call.plan}): ${wrong}`)
  }
  const open = stored.filter(({ outcome }) => outcome === null).length
  if (ledger.open !== open)
    undeclaredLosses.push(`the ledger counts ${ledger.open} open calls, there are ${open}`)
  return {
    calls: calls.length,
    forwarded: truth.size,
    records: stored.length,
    complete,
    declared,
    undeclaredLosses,
    duplicates,
    wrongNumbers,
    reconciled: JSON.parse(
      await flint.cli('reconcile', '--json', '--dry-run', ...envoyLogs),
    ) as Record<string, unknown>,
  }
}

/** A record may say less than the truth, never something else. */
function wrongNumberOf(
  call: CallersTruth,
  mine: ProvidersTruth | undefined,
  row: StoredCall,
): string | null {
  if (!mine) return row.outcome === 'complete' ? 'complete, and the provider was never asked' : null
  // What was counted here, of a stream whose end no one saw, says so: only what is said to be the
  // provider's own is held against it.
  const isReported = row.usage_source === 'provider'
  if (isReported && row.input_tokens !== mine.inputTokens)
    return `${row.input_tokens} input tokens, not ${mine.inputTokens}`
  if (isReported && row.output_tokens !== mine.outputTokens)
    return `${row.output_tokens} output tokens, not ${mine.outputTokens}`
  if (
    !isReported &&
    row.input_tokens !== null &&
    row.usage_source !== 'estimated' &&
    row.usage_source !== 'partial'
  )
    return `${row.input_tokens} input tokens, and no one who says so`
  if (row.outcome === 'complete') {
    if (mine.cut && !mine.answered) return 'complete, and the provider broke it off'
    if (!isReported) return 'complete without the provider’s tokens'
    if (row.response_bytes !== mine.bytes) return `${row.response_bytes} bytes of ${mine.bytes}`
    if (row.status !== 200) return `complete with status ${row.status}`
  }
  // `unknown` is a loss that is declared: what ended is reported, and that no one saw how.
  if (
    call.whole &&
    call.status === 200 &&
    row.outcome !== null &&
    !['complete', 'capture_lost', 'unknown'].includes(row.outcome)
  )
    return `${row.outcome}, and the caller got it whole`
  if (call.whole && call.status !== null && row.status !== null && row.status !== call.status)
    return `status ${row.status}, the caller saw ${call.status}`
  return null
}
