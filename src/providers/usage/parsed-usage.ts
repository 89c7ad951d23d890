import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'
import { type BilledExtras, NO_EXTRAS } from './billed.ts'

/** What one usage object of a provider says, in the terms of the record. Unknown counts are null. */
export interface ParsedUsage {
  readonly usage: TokenUsage
  readonly billed: BilledExtras
  /** Members that Flint does not know, by path. */
  readonly unknown: readonly string[]
}

/** No usage object was there, or none that is JSON. */
export const NO_PARSED_USAGE: ParsedUsage = { usage: NO_USAGE, billed: NO_EXTRAS, unknown: [] }
