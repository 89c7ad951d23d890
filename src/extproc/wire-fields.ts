import protobuf from 'protobufjs/minimal.js'

/** The steps that every reading of a message by hand is made of. */

/**
 * Calls back for each field; a callback that read nothing returns false and the field is skipped.
 */
export function eachField(
  bytes: Uint8Array,
  read: (field: number, reader: protobuf.Reader, bytes: Uint8Array) => boolean,
): void {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (!read(tag >>> 3, reader, bytes)) reader.skipType(tag & 7)
  }
}

/**
 * The next length-delimited value as a view, without the copy that `reader.bytes()` of plain
 * Uint8Arrays makes.
 */
export function view(bytes: Uint8Array, reader: protobuf.Reader): Uint8Array {
  const length = reader.uint32()
  const start = reader.pos
  reader.skip(length)
  return bytes.subarray(start, start + length)
}

export function latin1(bytes: Uint8Array, reader: protobuf.Reader): string {
  const length = reader.uint32()
  const start = reader.pos
  reader.skip(length)
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
}
