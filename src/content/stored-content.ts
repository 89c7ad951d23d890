import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ContentDocument } from './content-document.ts'
import type { ContentStore } from './content-store.ts'

const MAX_DOCUMENT_BYTES = 384 * 1024 * 1024
const compress = promisify(gzip)
const decompress = promisify(gunzip)

/** A document's text as it is stored. */
export function packDocument(body: string): Promise<Buffer> {
  return compress(body)
}

/**
 * The hash proves that a Flint wrote it; this, that it is a document: what every one of them has.
 */
const DocumentSchema = Type.Object({ prompt: Type.Union([Type.String(), Type.Null()]) })

function isContentDocument(document: unknown): document is ContentDocument {
  return Value.Check(DocumentSchema, document)
}

/** `altered`: the object is not the one that was written. */
export type ReadContent = ContentDocument | 'missing' | 'altered'

/**
 * `sha256`: of the text that was written, from evidence. Rejects when the store cannot be asked.
 */
export async function readContent(
  store: ContentStore,
  key: string,
  sha256: string,
): Promise<ReadContent> {
  const packed = await store.get(key)
  if (packed === null) return 'missing'
  let body: Buffer
  try {
    body = await decompress(packed, { maxOutputLength: MAX_DOCUMENT_BYTES })
  } catch {
    // Not what gzip wrote.
    return 'altered'
  }
  if (createHash('sha256').update(body).digest('hex') !== sha256) return 'altered'
  const document: unknown = JSON.parse(body.toString('utf8'))
  return isContentDocument(document) ? document : 'altered'
}
