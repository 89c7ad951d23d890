import type { JsonPaths } from '../json/paths.ts'
import type { AttachmentGathering } from './attachment-gathering.ts'
import type { CompletionGathering } from './completion-gathering.ts'
import type { AttachmentKind } from './exchange-text.ts'
import type { PromptLayout } from './prompt-layout.ts'
import type { ToolCallGathering } from './tool-call-gathering.ts'

/** What the words of an answer are put into. */
export interface AnswerWords {
  readonly completion: CompletionGathering
  readonly toolCalls: ToolCallGathering
  readonly attachments: AttachmentGathering
  /** A second gathering, for a format that learns only later which of two tellings counts. */
  spare(): { readonly completion: CompletionGathering; readonly toolCalls: ToolCallGathering }
}

/** Finds the words among the wanted values of an answer's documents; called in the order of the bytes. */
export interface AnswerWordsReading {
  value(slot: number, json: string): void
  /** `last` ends it: of an attachment that never ends nothing is kept. */
  text(text: number, piece: string, last: boolean): void
  enter(group: number): void
  /** `cut`: its end never came. */
  leave(group: number, cut: boolean): void
  /** A document was read, or as much of it as came. */
  document(): void
  /** The words, when all documents were read. */
  words(): Pick<AnswerWords, 'completion' | 'toolCalls'>
}

/** How the answers of one wire format say their words. */
export interface AnswerTextFormat {
  readonly paths: JsonPaths
  /** What a body of this content type is that is no document but an attachment itself; null for none. */
  readonly bodyKind?: (contentType: string) => AttachmentKind | null
  createReading(words: AnswerWords, streamed: boolean): AnswerWordsReading
}

/** Where the words of one endpoint stand. Null where there are none, or none that Flint reads. */
export interface TextFormat {
  readonly prompt: PromptLayout | null
  readonly answer: AnswerTextFormat | null
  /** The request that a client's report tells of; only its words matter. */
  reportedRequest(messages: unknown, system: unknown): unknown
}

/** A position as the answer names it; `fallback` where it does not. */
export function positionOf(json: string | undefined, fallback: number): number {
  const position = json === undefined ? Number.NaN : Number(json)
  return Number.isSafeInteger(position) && position >= 0 ? position : fallback
}
