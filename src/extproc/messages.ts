import protobuf from 'protobufjs/minimal.js'
import { eachField, latin1, view } from './wire-fields.ts'

/*
 * Hand-written readers for the messages Envoy sends thousands of times a second. Generated code
 * builds an object per field; most of a body message is metadata that repeats what the first
 * message said, so these readers stop early and read only what they name (figures:
 * docs/decisions/035). Field numbers are those of proto/, which a test holds against Envoy's own
 * tree.
 */

const LENGTH_DELIMITED = 2

/** One request or response header as Envoy saw it: lower-case name, bytes as Latin-1. */
export type HeaderSink = (name: string, value: string) => void

/**
 * The members of `ProcessingRequest.request`
 * (proto/envoy/service/ext_proc/v3/external_processor.proto).
 */
export const REQUEST_HEADERS = 2
export const RESPONSE_HEADERS = 3
export const REQUEST_BODY = 4
export const RESPONSE_BODY = 5
export const REQUEST_TRAILERS = 6
export const RESPONSE_TRAILERS = 7

export interface ProcessingMessage {
  /** Field number of the oneof member; 0 when the message holds none that is known here. */
  kind: number
  /** Encoded member: hand it to `readHeaders` or `readBody`. A view of the message, not a copy. */
  member: Uint8Array
  /** Encoded `metadata_context`, or null when not asked for or absent. */
  metadata: Uint8Array | null
  /** Envoy goes on without an answer (observability_mode); read together with the metadata. */
  copied: boolean
  /** Encoded `attributes` of response headers (attributes.ts), or null. */
  attributes: Uint8Array | null
}

const EMPTY = new Uint8Array(0)

/** Splits a `ProcessingRequest`; stops after the member unless the metadata is wanted. */
export function readProcessingRequest(bytes: Uint8Array, wantMetadata: boolean): ProcessingMessage {
  const reader = protobuf.Reader.create(bytes)
  const message: ProcessingMessage = {
    kind: 0,
    member: EMPTY,
    metadata: null,
    copied: false,
    attributes: null,
  }
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const field = tag >>> 3
    if (field >= REQUEST_HEADERS && field <= RESPONSE_TRAILERS && (tag & 7) === LENGTH_DELIMITED) {
      message.kind = field
      message.member = view(bytes, reader)
      if (!wantMetadata && field !== RESPONSE_HEADERS) return message
    } else if (field === 8 && wantMetadata) {
      message.metadata = view(bytes, reader)
    } else if (field === 9) {
      message.attributes = view(bytes, reader)
    } else if (field === 10 && wantMetadata) {
      message.copied = reader.bool()
    } else reader.skipType(tag & 7)
  }
  return message
}

/** `HttpHeaders`: feeds each header to the sink, returns `end_of_stream`. */
export function readHeaders(member: Uint8Array, sink: HeaderSink): boolean {
  const reader = protobuf.Reader.create(member)
  let endOfStream = false
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) readHeaderMap(reader, member, sink)
    else if (tag >>> 3 === 3) endOfStream = reader.bool()
    else reader.skipType(tag & 7)
  }
  return endOfStream
}

export interface BodyMessage {
  /** A view of the message: copy what is kept. */
  body: Uint8Array
  endOfStream: boolean
}

/** `HttpBody`. */
export function readBody(member: Uint8Array): BodyMessage {
  const reader = protobuf.Reader.create(member)
  const message: BodyMessage = { body: EMPTY, endOfStream: false }
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) message.body = view(member, reader)
    else if (tag >>> 3 === 2) message.endOfStream = reader.bool()
    else reader.skipType(tag & 7)
  }
  return message
}

/**
 * `Metadata.filter_metadata[namespace]` as a flat map of its string values; null when the namespace
 * is absent.
 */
export function readMetadata(bytes: Uint8Array, namespace: string): Map<string, string> | null {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 !== 1) {
      reader.skipType(tag & 7)
      continue
    }
    const { key, value } = readMapEntry(view(bytes, reader))
    if (key === namespace && value) return readStruct(value)
  }
  return null
}

/**
 * One `HTTPAccessLogEntry`, reduced to the fields Flint uses. `path` holds the query and is never
 * read.
 */
export interface AccessLogEntry {
  metadata: Map<string, string> | null
  routeName: string
  status: number | null
  /** Set members of `ResponseFlags` by field number. */
  flags: number[]
  details: string | null
  requestBytes: number
  responseBytes: number
  firstByteMs: number | null
  lastByteMs: number | null
  durationMs: number | null
}

/** Every `HTTPAccessLogEntry` of a `StreamAccessLogsMessage`. */
export function readAccessLog(
  bytes: Uint8Array,
  namespace: string,
  sink: (entry: AccessLogEntry) => void,
): void {
  eachField(bytes, (field, reader) => {
    if (field !== 2) return false
    eachField(view(bytes, reader), (inner, innerReader, innerBytes) => {
      if (inner !== 1) return false
      sink(readAccessLogEntry(view(innerBytes, innerReader), namespace))
      return true
    })
    return true
  })
}

function readAccessLogEntry(bytes: Uint8Array, namespace: string): AccessLogEntry {
  const entry: AccessLogEntry = {
    metadata: null,
    routeName: '',
    status: null,
    flags: [],
    details: null,
    requestBytes: 0,
    responseBytes: 0,
    firstByteMs: null,
    lastByteMs: null,
    durationMs: null,
  }
  eachField(bytes, (field, reader) => {
    if (field === 1) readCommon(view(bytes, reader), namespace, entry)
    else if (field === 3) readSizes(view(bytes, reader), entry)
    else if (field === 4) readResponse(view(bytes, reader), entry)
    else return false
    return true
  })
  return entry
}

/**
 * `AccessLogCommon`: 11 and 12 are the first and last byte sent downstream, 23 the whole duration.
 */
function readCommon(bytes: Uint8Array, namespace: string, entry: AccessLogEntry): void {
  eachField(bytes, (field, reader) => {
    if (field === 11) entry.firstByteMs = readDurationMs(view(bytes, reader))
    else if (field === 12) entry.lastByteMs = readDurationMs(view(bytes, reader))
    else if (field === 16) entry.flags = setMembers(view(bytes, reader))
    else if (field === 17) entry.metadata = readMetadata(view(bytes, reader), namespace)
    else if (field === 19) entry.routeName = reader.string()
    else if (field === 23) entry.durationMs = readDurationMs(view(bytes, reader))
    else return false
    return true
  })
}

/** `HTTPRequestProperties.request_body_bytes`; its `path` is left alone on purpose. */
function readSizes(bytes: Uint8Array, entry: AccessLogEntry): void {
  eachField(bytes, (field, reader) => {
    if (field !== 12) return false
    entry.requestBytes = Number(reader.uint64())
    return true
  })
}

function readResponse(bytes: Uint8Array, entry: AccessLogEntry): void {
  eachField(bytes, (field, reader) => {
    if (field === 1) {
      const status = readVarintMember(view(bytes, reader))
      entry.status = status === 0 ? null : status
    } else if (field === 3) entry.responseBytes = Number(reader.uint64())
    else if (field === 6) entry.details = reader.string()
    else return false
    return true
  })
}

/** `google.protobuf.Duration` in milliseconds. */
export function readDurationMs(bytes: Uint8Array): number {
  let ms = 0
  eachField(bytes, (field, reader) => {
    if (field === 1) ms += Number(reader.int64()) * 1000
    else if (field === 2) ms += reader.int32() / 1e6
    else return false
    return true
  })
  return ms
}

function readVarintMember(bytes: Uint8Array): number {
  let value = 0
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    value = reader.uint32()
    return true
  })
  return value
}

/**
 * Field numbers of the members that are set; message members (unauthorized_details) count when
 * present.
 */
export function setMembers(bytes: Uint8Array): number[] {
  const members: number[] = []
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if ((tag & 7) === 0) {
      if (reader.bool()) members.push(tag >>> 3)
    } else {
      members.push(tag >>> 3)
      reader.skipType(tag & 7)
    }
  }
  return members
}

function readHeaderMap(outer: protobuf.Reader, bytes: Uint8Array, sink: HeaderSink): void {
  const end = outer.uint32() + outer.pos
  while (outer.pos < end) {
    const tag = outer.uint32()
    if (tag >>> 3 !== 1) {
      outer.skipType(tag & 7)
      continue
    }
    const headerEnd = outer.uint32() + outer.pos
    let name = ''
    let value = ''
    while (outer.pos < headerEnd) {
      const inner = outer.uint32()
      const field = inner >>> 3
      if (field === 1) name = latin1(bytes, outer)
      // raw_value (3) is what Envoy fills; value (2) is its deprecated twin.
      else if (field === 3 || (field === 2 && value === '')) value = latin1(bytes, outer)
      else outer.skipType(inner & 7)
    }
    sink(name, value)
  }
}

/** A map's entry: its key and its encoded message. */
export function readMapEntry(bytes: Uint8Array): { key: string; value: Uint8Array | null } {
  let key = ''
  let value: Uint8Array | null = null
  eachField(bytes, (field, reader) => {
    if (field === 1) key = reader.string()
    else if (field === 2) value = view(bytes, reader)
    else return false
    return true
  })
  return { key, value }
}

/** The string values of a `google.protobuf.Struct`. */
export function readStruct(bytes: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>()
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    const { key, value } = readMapEntry(view(bytes, reader))
    if (value) {
      eachField(value, (member, valueReader) => {
        if (member !== 3) return false
        fields.set(key, valueReader.string())
        return true
      })
    }
    return true
  })
  return fields
}
