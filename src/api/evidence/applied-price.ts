import { chosenRows, type EvidenceRow } from '../../evidence/record-sources.ts'
import { priceComponents } from '../../pricing/price-components.ts'
import { recordedCall } from '../../pricing/recorded-call.ts'
import type { CallRecord } from '../../store/calls/call-row.ts'
import type { RecordEvidence } from '../../store/evidence/record-evidence.ts'

/** How a record came by its cost; null is what cannot be made again. */
export interface AppliedPrice {
  readonly version: string
  /** Where the rates are from, with its version: `genai-prices@0.1.8`, `contract…`, `reported`. */
  readonly source: string
  /** As the source writes them: dollars per million tokens, per thousand calls of a tool. */
  readonly rates: Readonly<Record<string, unknown>> | null
  readonly terms: readonly string[] | null
  readonly components: ReadonlyArray<{
    readonly bucket: string
    readonly tokens: number
    readonly usdPerMillion: number
    readonly usd: number
  }> | null
}

/**
 * The price of a record, with rates where it has one version of them, and parts where they add up
 * to its cost. Null for a record without a price.
 */
export async function appliedPrice(
  { priceVersion, costUsd }: Pick<CallRecord, 'priceVersion' | 'costUsd'>,
  rows: readonly EvidenceRow[],
  evidence: Pick<RecordEvidence, 'ratesOf'>,
): Promise<AppliedPrice | null> {
  if (priceVersion === null) return null
  const [source = priceVersion] = priceVersion.split('/')
  const unknown = { version: priceVersion, source, rates: null, terms: null, components: null }
  const stored = await evidence.ratesOf(priceVersion)
  if (stored === null) return unknown
  const call = recordedCall(withNulls(chosenRows(rows).counted))
  const parts =
    call === null || call.billed === undefined || costUsd === null
      ? null
      : priceComponents({ ...stored, usage: call.usage, billed: call.billed, costUsd })
  return {
    ...unknown,
    rates: parsed(stored.rates),
    terms: stored.terms,
    components:
      parts?.map(({ bucket, tokens, usdPerMillion, usd }) => ({
        bucket,
        tokens,
        usdPerMillion: Number(usdPerMillion),
        usd: Number(usd),
      })) ?? null,
  }
}

/** Columns that hold nothing were left out of the rows. */
function withNulls(row: EvidenceRow | null): Readonly<Record<string, unknown>> {
  return { billable: null, cost_status: null, billed: null, ...row }
}

function parsed(json: string): Readonly<Record<string, unknown>> | null {
  const rates: unknown = JSON.parse(json)
  return typeof rates === 'object' && rates !== null
    ? Object.fromEntries(Object.entries(rates))
    : null
}
