import type { Provider } from '../evidence/evidence.ts'

/** Lines of the content spool: what a witness hands to delivery, which puts it into the content store. */
export type ContentLine = DocumentLine | AttachmentLine

interface ContentOf {
  readonly org: string
  readonly record_id: string
  /** Of the document's text or the attachment's bytes, hex. */
  readonly sha256: string
}

export interface DocumentLine extends ContentOf {
  readonly kind: 'document'
  readonly provider: Provider
  /** A ContentDocument as JSON text: hashed as it stands. */
  readonly body: string
}

export interface AttachmentLine extends ContentOf {
  readonly kind: 'attachment'
  readonly base64: string
}

/** Where a witness leaves content; bounded, and the first thing to be refused when room gets short. */
export interface ContentSpool {
  /** `done` is called once the line is as durable as the spool promises, or with the reason why it is not. */
  append(line: ContentLine, done: (error: Error | null) => void): void
}

/** All of a call's lines, or the first reason why not. */
export function appendLines(spool: ContentSpool, lines: readonly ContentLine[], done: (error: Error | null) => void): void {
  let waiting = lines.length
  let failure: Error | null = null
  if (waiting === 0) done(null)
  for (const line of lines)
    spool.append(line, (error) => {
      failure ??= error
      waiting -= 1
      if (waiting === 0) done(failure)
    })
}
