/**
 * The compressions of node:zlib; HTTP's `deflate` is zlib's format (RFC 9110 §8.4.1.2), but some
 * senders leave its header out.
 */
export type Compression = 'gzip' | 'deflate' | 'br'

/**
 * Whether bytes sent as `deflate` have zlib's header: compression method 8 in the low bits of the
 * first byte (RFC 1950 §2.2).
 */
export function hasZlibHeader(firstByte: number | undefined): boolean {
  return firstByte !== undefined && (firstByte & 0x0f) === 8
}

/**
 * Whether bytes begin as gzip does (RFC 1952 §2.3.1); the first chunk of one may be a single byte.
 */
export function hasGzipHeader(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && (bytes.length === 1 || bytes[1] === 0x8b)
}
