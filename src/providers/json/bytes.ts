/** The bytes that JSON is made of (RFC 8259 §2). */
export const SPACE = 0x20
export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACKET = 0x5d
export const COMMA = 0x2c
export const COLON = 0x3a
export const MINUS = 0x2d
export const NULL_START = 0x6e
export const INFINITY_START = 0x49

/**
 * The literal names by their first byte. `NaN` and `Infinity` are not JSON, and Python writes and
 * reads them.
 */
export const LITERALS: Readonly<Record<number, Buffer>> = {
  78: Buffer.from('NaN'),
  [INFINITY_START]: Buffer.from('Infinity'),
  116: Buffer.from('true'),
  102: Buffer.from('false'),
  [NULL_START]: Buffer.from('null'),
}

/** Digits, `+ - .` and the exponent; the parser says whether this order makes a number. */
export function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2e ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x65 ||
    byte === 0x45
  )
}

/**
 * Whether a body begins as a JSON object or array does, in any encoding of Unicode; a string or
 * number alone is no request.
 */
export function beginsLikeJson(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    const isMark =
      byte === 0xef ||
      byte === 0xbb ||
      byte === 0xbf ||
      byte === 0xff ||
      byte === 0xfe ||
      byte === 0
    if (isMark || byte === SPACE || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue
    return byte === OPEN_BRACE || byte === OPEN_BRACKET
  }
  return false
}

/** A view, not a copy; Buffer's own methods search and decode bytes fastest. */
export function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk)
    ? chunk
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
