import type { ProviderDefinition } from '../provider.ts'
import type { ExchangeFacts } from './exchange-facts.ts'

/** What was seen of a call's request head. */
export interface ExchangeStart {
  /** Undefined where this process does not know it: then nothing is read. */
  readonly provider: ProviderDefinition | undefined
  readonly method: string
  /** Path as the provider sees it, without query. */
  readonly endpoint: string
  readonly query: string
  readonly contentType: string | null
  readonly contentEncoding: string | null
}

export interface AnswerStart {
  readonly status: number
  readonly contentType: string | null
  readonly contentEncoding: string | null
  header(name: string): string | undefined
}

/**
 * Reads one call from a copy of its bytes, in whatever chunks they come; bytes of the two
 * directions may interleave.
 */
export interface ExchangeReader {
  requestBody(chunk: Uint8Array): void
  requestEnd(): void
  responseStart(answer: AnswerStart): void
  responseBody(chunk: Uint8Array): void
  responseEnd(): void
  /** Bytes handed in that a decoder has not worked off yet. */
  readonly pendingBytes: number
  /**
   * UTF-8 bytes of text held for the facts, without what is attached: at most the bounds for prompt
   * and completion, and 4 MiB of tool calls.
   */
  readonly textBytes: number
  /**
   * All bytes held for this call: text, what is attached to it, what waits for a decoder or to be
   * counted.
   */
  readonly heldBytes: number
  /** Of a websocket: one side said that it closes it. */
  readonly isClosed?: boolean
  /** What was seen so far, decoders not waited for; reading goes on. */
  soFar(withText: boolean): ExchangeFacts
  /** The text read so far is let go of, and none is kept from here on; usage is still read. */
  dropText(): void
  /**
   * What was seen so far; calls back exactly once, synchronously when no decoder is pending. Call
   * it once.
   */
  finish(done: (facts: ExchangeFacts) => void): void
  /** Lets go of decoders at once; a pending `finish` is answered with what they had read. */
  discard(): void
}
