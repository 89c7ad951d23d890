import { type BilledCall, NOTHING_BILLED } from '../evidence/bill.ts'
import { NO_USAGE, type TokenUsage, type UsageSource } from '../evidence/usage.ts'
import type { JsonPaths } from './json/paths.ts'

/** Raised whenever a format reads something differently: records say which reading they hold. */
export const PARSER_REVISION = 5

/** What an answer said, as far as it was seen. */
export interface AnswerFacts {
  readonly model: string | null
  readonly finishReason: string | null
  readonly serviceTier: string | null
  /** From the body; most providers name it in a header. */
  readonly requestId: string | null
  /**
   * The provider's id of what it made (`resp_…`, `msg_…`, `run_…`): what later calls name it by.
   */
  readonly responseId: string | null
  /** The usage is that of work which another call ordered. */
  readonly deferred: boolean
  /**
   * The file that the results of the work are in, by the name the provider reads it under; null for
   * none.
   */
  readonly resultFile: string | null
  /** Type or code of an error inside an answer that began with a 200. */
  readonly streamError: string | null
  readonly usage: TokenUsage
  readonly usageSource: UsageSource
  readonly usageRaw: string | null
  readonly billed: BilledCall
  /** The provider does not bill this answer, whatever its usage says. */
  readonly waived: boolean
  /** Members of the usage object that Flint does not know, by path; they are in `usageRaw`. */
  readonly unknownUsage: readonly string[]
}

/** An answer that said nothing, or none at all. */
export const NO_ANSWER: AnswerFacts = {
  model: null,
  finishReason: null,
  serviceTier: null,
  requestId: null,
  responseId: null,
  deferred: false,
  resultFile: null,
  streamError: null,
  usage: NO_USAGE,
  usageSource: 'none',
  usageRaw: null,
  billed: NOTHING_BILLED,
  waived: false,
  unknownUsage: [],
}

export interface AnswerContext {
  /** Events or a streamed JSON array: usage seen before the end may not be final. */
  readonly streamed: boolean
  /** Path as the provider sees it, without query. */
  readonly endpoint: string
  /** Of the answer; of those that the definition names (`answerHeaders`), by its lower-case name. */
  header(name: string): string | undefined
}

/**
 * Reads one answer. A document is a whole JSON body, the data of one SSE event, or one element of a
 * streamed array; its values come in the slots of `answerPaths`, as JSON text.
 */
export interface AnswerParser {
  document(values: readonly (string | undefined)[]): void
  /**
   * One element of a list within the document, where the paths group it (`group` by its number):
   * its own values, before the document's.
   */
  part?(values: readonly (string | undefined)[], group: number): void
  /** The protocol's last event has come: nothing that matters follows. */
  readonly isOver?: boolean
  /** `complete`: the answer came to its own end. */
  facts(complete: boolean): AnswerFacts
}

/** The knowledge of one wire format: what to pick out of its documents, and what it means. */
export interface WireFormat {
  readonly name: string
  /** What is wanted of each document of the answer. Its text is another matter: `text/`. */
  readonly answerPaths: JsonPaths
  /**
   * False where another kind of body is nothing to complain of (any endpoint Flint does not know).
   */
  readonly expectsJson: boolean
  /** Headers of the answer may say what its body leaves out, even where it has no wanted value. */
  readonly readsHeaders?: true
  /** The body is JSON lines, one document each, whatever its content type. */
  readonly lines?: boolean
  /** The provider's id of the work that the answer is about, where only the path names it. */
  readonly workId?: (endpoint: string) => string | null
  /**
   * What may be counted of a stream that reports no usage (`counting/`): both sides, or the output
   * of one that was cut.
   */
  readonly countable?: 'both' | 'output'
  /**
   * The model and kind of answer that the path itself names; null where they are in the request's
   * body.
   */
  readonly request:
    | ((endpoint: string) => { readonly model: string | null; readonly stream: boolean } | null)
    | null
  /**
   * What a client reports of an answer, in the spelling of the wire: SDKs may have one of their
   * own.
   */
  readonly fromReport?: (response: unknown) => unknown
  createAnswer(context: AnswerContext): AnswerParser
}
