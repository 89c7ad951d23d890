import type { ContentDocument } from './content-document.ts'

/** Lines of the content spool: what a witness hands to delivery, which puts it into the content store. */
export type ContentLine = DocumentLine | AttachmentLine

export interface DocumentLine {
  readonly kind: 'document'
  readonly org: string
  readonly record_id: string
  readonly document: ContentDocument
}

export interface AttachmentLine {
  readonly kind: 'attachment'
  readonly org: string
  readonly record_id: string
  readonly sha256: string
  readonly base64: string
}

/** Where a witness leaves content; bounded, and the first thing to be refused when room gets short. */
export interface ContentSpool {
  /** `done` is called once the line is as durable as the spool promises, or with the reason why it is not. */
  append(line: ContentLine, done: (error: Error | null) => void): void
}
