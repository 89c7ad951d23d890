import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { FlintError } from '../../errors.ts'

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
 * What undoes the `Content-Encoding` of a request's body (RFC 9110 §8.4); null where there is
 * nothing to undo.
 *
 * @throws FlintError `invalid_request` that names the header, for an encoding that is not read here
 */
export function decoderOf(contentEncoding: string | undefined): Transform | null {
  const encoding = contentEncoding?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'identity') return null
  const create = DECODERS.get(encoding)
  if (create === undefined)
    throw new FlintError(
      'invalid_request',
      `content-encoding must be one of ${[...DECODERS.keys()].join(', ')}.`,
    )
  return create()
}
