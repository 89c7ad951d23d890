import { type BilledCall, NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'

/**
 * What one usage object of a provider says, in the terms of the record. Unknown counts are null.
 */
export interface ParsedUsage {
  readonly usage: TokenUsage
  readonly billed: BilledCall
  /** Members that Flint does not know, by path. */
  readonly unknown: readonly string[]
}

/** No usage object was there, or none that is JSON. */
export const NO_PARSED_USAGE: ParsedUsage = { usage: NO_USAGE, billed: NOTHING_BILLED, unknown: [] }
