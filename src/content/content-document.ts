import type { Conversation, Message } from '../providers/text/conversation.ts'

/**
 * The text that is kept of one call, as one JSON object (`GET /v1/audit/prompt/:requestId` shows
 * its first four fields; docs/privacy.md describes all). Redacted before it is made, where the
 * organisation wants that.
 */
export interface ContentDocument {
  /** Objects of format 1 have no messages. */
  readonly format: 'flint-content/1' | 'flint-content/2'
  readonly requestId: string
  readonly prompt: string | null
  readonly completion: string | null
  readonly provider: string
  readonly model: string | null
  readonly endpoint: string | null
  /** The text goes on beyond what is kept, or was not seen to its end. */
  readonly promptTruncated: boolean
  readonly completionTruncated: boolean
  readonly toolCalls: readonly ContentToolCall[]
  readonly attachments: readonly ContentAttachment[]
  /** Their texts are stretches of `prompt`, `completion` and `toolText`. */
  readonly messages?: readonly Message[]
  readonly toolText?: Conversation['toolText']
  /** There are more messages, or texts of tools, than are kept. */
  readonly messagesTruncated?: boolean
}

interface ContentToolCall {
  readonly index: number
  readonly id: string | null
  readonly name: string | null
  readonly argumentsJson: string | null
}

export interface ContentAttachment {
  /**
   * What it was attached to. Objects of earlier builds do not say: they knew those of requests
   * only.
   */
  readonly direction?: 'request' | 'response'
  readonly kind: string
  readonly mediaType: string | null
  /** Over the decoded bytes; null where it is only referred to. */
  readonly sha256: string | null
  readonly bytes: number | null
  /** Where only a URL or a file id refers to it. */
  readonly url?: string
  readonly fileId?: string
  /** Of the file, where the call names it. */
  readonly name?: string
  /**
   * Key of the object that holds the bytes, kept once per organisation and day; null where they are
   * not kept.
   */
  readonly key: string | null
}
