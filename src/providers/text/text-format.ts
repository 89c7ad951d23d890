import type { JsonPaths } from '../json/paths.ts'
import type { AttachmentAccumulator } from './attachment-accumulator.ts'
import type { CompletionAccumulator } from './completion-accumulator.ts'
import type { AttachmentKind } from './exchange-text.ts'
import type { OtherParts } from './other-parts.ts'
import type { PromptLayout } from './prompt-layout.ts'
import type { ToolCallAccumulator } from './tool-call-accumulator.ts'

/** One version of an answer. */
export interface AnswerSet {
  readonly completion: CompletionAccumulator
  readonly toolCalls: ToolCallAccumulator
  readonly others: OtherParts
}

/** What the text of an answer is put into. */
export interface AnswerAccumulators extends AnswerSet {
  readonly attachments: AttachmentAccumulator
  /** A second set, for a format that learns only later which of two versions counts. */
  spare(): AnswerSet
}

/**
 * Finds the text among the wanted values of an answer's documents; called in the order of the
 * bytes.
 */
export interface AnswerTextParser {
  value(slot: number, json: string): void
  /** `last` ends it: of an attachment that never ends nothing is kept. */
  text(text: number, piece: string, last: boolean): void
  enter(group: number): void
  /** `cut`: its end never came. */
  leave(group: number, cut: boolean): void
  /** A document was read, or as much of it as came. */
  document(): void
  /** The text, when all documents were read. */
  accumulated(): AnswerSet
}

/** How the answers of one wire format carry their text. */
export interface AnswerTextFormat {
  readonly paths: JsonPaths
  /** Its order is of choices, each of which is a message; else of the parts of one message. */
  readonly isByChoice?: true
  /**
   * What a body of this content type is that is no document but an attachment itself; null for
   * none.
   */
  readonly bodyKind?: (contentType: string) => AttachmentKind | null
  createParser(answer: AnswerAccumulators, streamed: boolean): AnswerTextParser
}

/** Where the text of one endpoint stands. Null where there is none, or none that Flint reads. */
export interface TextFormat {
  readonly prompt: PromptLayout | null
  readonly answer: AnswerTextFormat | null
  /** The request that a client reported; only its text matters. */
  reportedRequest(messages: unknown, system: unknown): unknown
}

/** A position as the answer names it; `fallback` where it does not. */
export function positionOf(json: string | undefined, fallback: number): number {
  const position = json === undefined ? Number.NaN : Number(json)
  return Number.isSafeInteger(position) && position >= 0 ? position : fallback
}
