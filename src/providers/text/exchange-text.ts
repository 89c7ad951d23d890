import type { Conversation } from './conversation.ts'

/** Text of one direction. */
export interface CapturedText {
  /** The first 100 characters as a reader counts them (grapheme clusters). */
  readonly preview: string
  readonly full: string
  /** `full` is not the whole text: it was over the bound, or the body was cut short. */
  readonly truncated: boolean
  /**
   * Length of the text as far as it was seen, in UTF-16 units (`text.length`), also where `full` is
   * shorter.
   */
  readonly chars: number
}

export interface PromptText extends CapturedText {
  /**
   * SHA-256 over the UTF-8 of the whole text, bound or no bound; null where the whole text was not
   * seen or not in order.
   */
  readonly hashSha256: string | null
  /** Of the last message of the role user; null where there is none with text. */
  readonly lastUser: UserText | null
}

/** The last text of a message: agents put what is asked behind what they add themselves. */
export interface UserText {
  /** Its beginning, at most 16 KiB of UTF-8. */
  readonly start: string
  /** Where it begins in `full`, in UTF-16 units; null where `full` does not reach it. */
  readonly at: number | null
}

/** One call of a tool that the answer asks its caller to make. */
export interface ToolCall {
  /**
   * Position among the calls of the answer, from 0; of several choices, the calls of the first come
   * first.
   */
  readonly index: number
  /** The id the tool's result refers to; Gemini often gives none. */
  readonly id: string | null
  readonly name: string | null
  /**
   * The arguments as the model wrote them (JSON text if the model did well; free text of OpenAI's
   * custom tools). Null over the bound.
   */
  readonly argumentsJson: string | null
}

const ATTACHMENT_KINDS = ['image', 'audio', 'video', 'file'] as const
export type AttachmentKind = (typeof ATTACHMENT_KINDS)[number]

/** What it is attached to. */
export type AttachmentDirection = 'request' | 'response'

/** A part of the request, or of the answer, that is not text. */
export interface Attachment {
  readonly direction: AttachmentDirection
  readonly kind: AttachmentKind
  /** As the caller or the provider named it. */
  readonly mediaType: string | null
  /** Over the decoded bytes; null where they are only referred to (URL, file id). */
  readonly sha256: string | null
  readonly bytes: number | null
  /** Where only a URL or a file id refers to it, as the call has it, up to 2,048 characters. */
  readonly url?: string
  readonly fileId?: string
  /** Of the file, where the call names it. */
  readonly name?: string
  /** The decoded bytes; only where they were asked for and are within the bound. */
  readonly data?: Buffer
}

/** The text of an exchange. Only ever made where text was asked for. */
export interface ExchangeText {
  /** Null when the request holds no text. */
  readonly prompt: PromptText | null
  /**
   * The visible text of the answer: no refusals, reasoning, tool arguments, and transcripts only on
   * websockets. Null when it has none.
   */
  readonly completion: CapturedText | null
  /** At most 256. */
  readonly toolCalls: readonly ToolCall[]
  /**
   * Those of the request, then those of the answer, each as they came and at most 256. Of an answer
   * only what came whole.
   */
  readonly attachments: readonly Attachment[]
  readonly conversation: Conversation
}

export interface TextOptions {
  /** Text of each direction kept beyond this many bytes of UTF-8 is dropped; default 16 MiB. */
  readonly maxTextBytes?: number
  /**
   * Bytes of all attachments of a call, of both directions together, that are kept; beyond it an
   * attachment is only hashed. Default 0.
   */
  readonly maxAttachmentBytes?: number
}

export const DEFAULT_MAX_TEXT_BYTES = 16 * 1024 * 1024
