import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { PROVIDER_NAME } from '../evidence/provider-name.ts'

const contentOf = {
  org: Type.String(),
  record_id: Type.String(),
  /** Of the document's text or the attachment's bytes, hex. */
  sha256: Type.String(),
}

const DocumentLineSchema = Type.Object({
  kind: Type.Literal('document'),
  ...contentOf,
  provider: Type.String({ pattern: PROVIDER_NAME }),
  /** A ContentDocument as JSON text: hashed as it stands. */
  body: Type.String(),
})
export type DocumentLine = Static<typeof DocumentLineSchema>

const AttachmentLineSchema = Type.Object({
  kind: Type.Literal('attachment'),
  ...contentOf,
  base64: Type.String(),
})

/**
 * Lines of the content spool: what observer and API hand to delivery, which puts it into the
 * content store.
 */
const ContentLineSchema = Type.Union([DocumentLineSchema, AttachmentLineSchema])
export type ContentLine = Static<typeof ContentLineSchema>

/** Null for bytes that no build of Flint wrote. */
export function readContentLine(line: Uint8Array): ContentLine | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(line).toString('utf8'))
    return Value.Check(ContentLineSchema, parsed) ? parsed : null
  } catch {
    return null
  }
}

/**
 * Where observer and API leave content; bounded, and the first thing that is refused when disk
 * space runs short.
 */
export interface ContentSpool {
  /**
   * `done` is called once the line is as durable as the spool promises, or with the reason why it
   * is not.
   */
  append(line: ContentLine, done: (error: Error | null) => void): void
}

/** All of a call's lines, or the first reason why not. */
export function appendLines(
  spool: ContentSpool,
  lines: readonly ContentLine[],
  done: (error: Error | null) => void,
): void {
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
