import type { JsonObject } from '../json/text.ts'
import type { CountTokens } from './encoding.ts'
import type { StreamedText } from './streamed-text.ts'

/** How the tokens of one wire format are counted where the provider reported none. */
export interface TokenCounting {
  /** Adds what one event of the stream says. */
  readonly readEvent: (event: JsonObject, into: StreamedText) => void
  /**
   * Tokens of a request's body; null where a part of it is not text, or is kept by the provider.
   * Absent where a stream always begins with the count of its input.
   */
  readonly countInput?: (body: JsonObject, count: CountTokens) => number | null
}
