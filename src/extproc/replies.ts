import protobuf from 'protobufjs/minimal.js'

/**
 * The gate's two answers to Envoy, encoded by hand: the nested messages are the same in every reply
 * but for a few strings.
 */

/** proto/envoy/config/core/v3/base.proto, HeaderValueOption.HeaderAppendAction */
const OVERWRITE_IF_EXISTS_OR_ADD = 2

export interface ForwardReply {
  /** Header that carries the provider's credential, or `:path`; set in order. */
  readonly set: ReadonlyArray<readonly [name: string, value: string]>
  readonly remove: readonly string[]
  /** Becomes dynamic metadata `namespace`; string values only. */
  readonly namespace: string
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * `ProcessingResponse{request_headers, dynamic_metadata}`: let the call go on, with its headers
 * changed.
 */
export function encodeForward({ set, remove, namespace, metadata }: ForwardReply): Uint8Array {
  const writer = protobuf.Writer.create()
  // request_headers(1) → response(1) → header_mutation(2)
  writer.uint32(0x0a).fork().uint32(0x0a).fork().uint32(0x12).fork()
  for (const [name, value] of set) writeHeaderOption(writer, name, value)
  for (const name of remove) writer.uint32(0x12).string(name)
  writer.ldelim().ldelim().ldelim()
  // dynamic_metadata(8): Struct{ namespace: Struct{ key: string } }
  writer
    .uint32(0x42)
    .fork()
    .uint32(0x0a)
    .fork()
    .uint32(0x0a)
    .string(namespace)
    .uint32(0x12)
    .fork()
    .uint32(0x2a)
    .fork()
  for (const key of Object.keys(metadata)) {
    writer.uint32(0x0a).fork().uint32(0x0a).string(key)
    writer
      .uint32(0x12)
      .fork()
      .uint32(0x1a)
      .string(metadata[key] ?? '')
      .ldelim()
      .ldelim()
  }
  return writer.ldelim().ldelim().ldelim().ldelim().finish()
}

/**
 * `ProcessingResponse{immediate_response}`: answer the caller here, with a JSON body; `details`
 * goes to Envoy's logs.
 */
export function encodeRefusal(status: number, body: string, details: string): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(0x3a).fork()
  writer.uint32(0x0a).fork().uint32(0x08).int32(status).ldelim()
  writer.uint32(0x12).fork()
  writeHeaderOption(writer, 'content-type', 'application/json')
  writer.ldelim()
  writer.uint32(0x1a).string(body)
  return writer.uint32(0x2a).string(details).ldelim().finish()
}

function writeHeaderOption(writer: protobuf.Writer, name: string, value: string): void {
  // set_headers(1) → header(1){key(1), raw_value(3)}, append_action(3)
  writer.uint32(0x0a).fork().uint32(0x0a).fork().uint32(0x0a).string(name)
  writer
    .uint32(0x1a)
    .bytes(Buffer.from(value, 'latin1'))
    .ldelim()
    .uint32(0x18)
    .int32(OVERWRITE_IF_EXISTS_OR_ADD)
    .ldelim()
}
