import type { RecordedFacts } from '../../evidence/answer-columns.ts'
import type { BilledCall } from '../../evidence/bill.ts'
import type { UncountedExchange } from '../counting/retained-exchange.ts'
import type { ExchangeText } from '../text/exchange-text.ts'

/**
 * Why the content of an answer could not be read. `reading_failed`: by a fault of the reader
 * itself.
 */
export type Unreadable = 'unreadable_encoding' | 'unreadable_body' | 'reading_failed'

/** Why text that a call may have held is not kept, or not all of it. */
export type TextGap =
  /** The request was in no form that Flint reads: neither its model nor its text is known. */
  | 'request_unreadable'
  /** The endpoint is not known, and so not where its text would stand. */
  | 'unknown_endpoint'
  /** The messages of a websocket held sound or pictures alone, which are not kept. */
  | 'websocket'
  /** So did some of them, or some could not be decoded; the text of the others is kept. */
  | 'websocket_partial'
  /** Let go of while the observer held too much. */
  | 'over_budget'

/**
 * What one exchange said of itself: what the evidence keeps, and what pricing and capture need
 * besides. Unknown is null.
 */
export interface ExchangeFacts extends RecordedFacts {
  readonly billed: BilledCall
  /**
   * False where nothing can be on the bill: not a POST, refused, failed before any work, or a free
   * endpoint.
   */
  readonly billable: boolean
  /** The usage is that of work which another call ordered, found by `responseId`. */
  readonly deferred: boolean
  readonly unreadable: Unreadable | null
  readonly textGap: TextGap | null
  /**
   * Bytes of the answer, as it was sent, up to its protocol's last event; null where none came, or
   * none is known.
   */
  readonly answerEndBytes: number | null
  /** What failed while the call was read, for the log; its message may quote what was read. */
  readonly fault: Error | null
  /** Members of the usage object that Flint does not know, by path; they are in `usageRaw`. */
  readonly unknownUsage: readonly string[]
  /** No endpoint that Flint knows: what it said was read by its shape alone. */
  readonly unknownEndpoint: boolean
  /**
   * What can be counted of a stream whose provider reported no usage, or not its output; null for
   * every other call.
   */
  readonly uncounted: (UncountedExchange & { readonly isWhole: boolean }) | null
  /** Null where text was not asked for; then none was kept. */
  readonly text: ExchangeText | null
}
