import type { AnswerFacts } from '../../evidence/answer-columns.ts'
import { type BilledParts, type CallSizes, NO_PARTS, type TokenUsage } from '../../evidence/usage.ts'
import type { UncountedExchange } from '../counting/retained-exchange.ts'
import type { ExchangeText } from '../text/exchange-text.ts'

/**
 * A share of the usage that is priced by itself, by its own model: Anthropic's compaction and advisor iterations, a
 * declined attempt, an image made by a tool, a transcription, the calls of a batch.
 */
export interface UsagePart {
  readonly model: string | null
  readonly usage: TokenUsage
  /** What the share has besides its tokens; without it, the first share has what the call has. */
  readonly counts?: Partial<BilledParts>
  /** Where the share is a sum of calls. */
  readonly callSizes?: CallSizes
  /** Speech that is billed by its length; then there are no tokens. */
  readonly audioSeconds?: number
}

/** What a price depends on besides the token buckets of the record. */
export interface BilledExtras extends BilledParts {
  /** Empty where the usage has one price; else its shares, which add up to it. */
  readonly parts: readonly UsagePart[]
  /** Terms that change the rates, as the provider named them (`speed:fast`, `inference_geo:us`). */
  readonly terms: readonly string[]
  /** Where the usage is a sum of several calls; null for one call. */
  readonly callSizes: CallSizes | null
  /** Hosted tools that ran and whose fee the answer does not count (`code_interpreter`). */
  readonly uncountedFees: readonly string[]
  /** Members of the usage that count something Flint does not read, by path. */
  readonly unreadUsage: readonly string[]
}

export const NO_EXTRAS: BilledExtras = {
  ...NO_PARTS,
  parts: [],
  terms: [],
  callSizes: null,
  uncountedFees: [],
  unreadUsage: [],
}

/** Why the content of an answer could not be read. `reading_failed`: by a fault of the reader itself. */
export type Unreadable = 'unreadable_encoding' | 'unreadable_body' | 'reading_failed'

/** Why text that a call may have held is not kept, or not all of it. */
export type TextGap =
  /** The request was in no form that Flint reads: neither its model nor its text is known. */
  | 'request_unreadable'
  /** The endpoint is not known, and so not where its text would stand. */
  | 'unknown_endpoint'
  /** Let go of while the observer held too much. */
  | 'over_budget'

/** What one exchange said of itself: what the evidence keeps, and what pricing and capture need besides. Unknown is null. */
export interface ExchangeFacts extends AnswerFacts {
  readonly billed: BilledExtras
  /** False where nothing can be on the bill: not a POST, refused, failed before any work, or a free endpoint. */
  readonly billable: boolean
  /** The usage is that of work which another call ordered, found by `responseId`. */
  readonly deferred: boolean
  readonly unreadable: Unreadable | null
  readonly textGap: TextGap | null
  /** What failed while the call was read, for the log; its message may quote what was read. */
  readonly fault: Error | null
  /** Members of the usage object that Flint does not know, by path; they are in `usageRaw`. */
  readonly unknownUsage: readonly string[]
  /** No endpoint that Flint knows: what it said was read by its shape alone. */
  readonly unknownEndpoint: boolean
  /** What can be counted of a stream whose provider told no usage, or not its output; null for every other call. */
  readonly uncounted: (UncountedExchange & { readonly isWhole: boolean }) | null
  /** Null where text was not asked for; then none was kept. */
  readonly text: ExchangeText | null
}
