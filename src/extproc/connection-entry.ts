import type protobuf from 'protobufjs/minimal.js'
import { readDurationMs, readStruct, setMembers } from './messages.ts'
import { eachField, view } from './wire-fields.ts'

/** The Envoy at the other end of an access log stream, as its first message names it. */
export interface LoggingNode {
  readonly id: string
  /** Members of the node's metadata that are text. */
  readonly metadata: ReadonlyMap<string, string>
  readonly logName: string
}

interface Address {
  readonly host: string
  readonly port: number
}

/** One `TCPAccessLogEntry`, reduced to what Flint uses. */
export interface ConnectionEntry {
  sni: string
  /** URIs of the certificate that the other side of the connection showed to the proxy. */
  readonly peerUris: string[]
  source: Address | null
  upstream: Address | null
  /** Milliseconds since the epoch, with fractions. */
  startedAtMs: number | null
  durationMs: number | null
  flags: number[]
  streamId: string
  /** From the app, and to it. */
  receivedBytes: number
  sentBytes: number
}

/** Null where the message names no node: all of a stream but the first. */
export function readLoggingNode(bytes: Uint8Array): LoggingNode | null {
  let node: { id: string; metadata: ReadonlyMap<string, string>; logName: string } | null = null
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    const named = { id: '', metadata: new Map<string, string>(), logName: '' }
    eachField(view(bytes, reader), (inner, innerReader, innerBytes) => {
      if (inner === 1) Object.assign(named, readNode(view(innerBytes, innerReader)))
      else if (inner === 2) named.logName = innerReader.string()
      else return false
      return true
    })
    node = named
    return true
  })
  return node
}

function readNode(bytes: Uint8Array) {
  const node = { id: '', metadata: new Map<string, string>() }
  eachField(bytes, (field, reader) => {
    if (field === 1) node.id = reader.string()
    else if (field === 3) node.metadata = readStruct(view(bytes, reader))
    else return false
    return true
  })
  return node
}

/** Every `TCPAccessLogEntry` of a `StreamAccessLogsMessage`. */
export function readConnections(bytes: Uint8Array, sink: (entry: ConnectionEntry) => void): void {
  eachField(bytes, (field, reader) => {
    if (field !== 3) return false
    eachField(view(bytes, reader), (inner, innerReader, innerBytes) => {
      if (inner !== 1) return false
      sink(readEntry(view(innerBytes, innerReader)))
      return true
    })
    return true
  })
}

function readEntry(bytes: Uint8Array): ConnectionEntry {
  const entry: ConnectionEntry = {
    sni: '',
    peerUris: [],
    source: null,
    upstream: null,
    startedAtMs: null,
    durationMs: null,
    flags: [],
    streamId: '',
    receivedBytes: 0,
    sentBytes: 0,
  }
  eachField(bytes, (field, reader) => {
    if (field === 1) readCommon(view(bytes, reader), entry)
    else if (field === 2) readBytes(view(bytes, reader), entry)
    else return false
    return true
  })
  return entry
}

/** `AccessLogCommon`. */
function readCommon(bytes: Uint8Array, entry: ConnectionEntry): void {
  eachField(bytes, (field, reader) => {
    if (field === 2) entry.source = readAddress(view(bytes, reader))
    else if (field === 4) readTls(view(bytes, reader), entry)
    // `google.protobuf.Timestamp` has the fields of a Duration.
    else if (field === 5) entry.startedAtMs = readDurationMs(view(bytes, reader))
    else if (field === 13) entry.upstream = readAddress(view(bytes, reader))
    else if (field === 16) entry.flags = setMembers(view(bytes, reader))
    else if (field === 23) entry.durationMs = readDurationMs(view(bytes, reader))
    else if (field === 26) entry.streamId = reader.string()
    else return false
    return true
  })
}

/** `TLSProperties`: 3 is the SNI, 5 the certificate of the other side. */
function readTls(bytes: Uint8Array, entry: ConnectionEntry): void {
  eachField(bytes, (field, reader) => {
    if (field === 3) entry.sni = reader.string()
    else if (field === 5) readUris(view(bytes, reader), entry.peerUris)
    else return false
    return true
  })
}

function readUris(bytes: Uint8Array, uris: string[]): void {
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    const name = view(bytes, reader)
    eachField(name, (inner, innerReader) => {
      if (inner !== 1) return false
      uris.push(innerReader.string())
      return true
    })
    return true
  })
}

/** `ConnectionProperties`. */
function readBytes(bytes: Uint8Array, entry: ConnectionEntry): void {
  eachField(bytes, (field, reader) => {
    if (field === 1) entry.receivedBytes = count(reader)
    else if (field === 2) entry.sentBytes = count(reader)
    else return false
    return true
  })
}

const count = (reader: protobuf.Reader) =>
  Math.min(Number(reader.uint64()), Number.MAX_SAFE_INTEGER)

function readAddress(bytes: Uint8Array): Address | null {
  let address: Address | null = null
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    const socket = { host: '', port: 0 }
    eachField(view(bytes, reader), (inner, innerReader) => {
      if (inner === 2) socket.host = innerReader.string()
      else if (inner === 3) socket.port = innerReader.uint32()
      else return false
      return true
    })
    address = socket
    return true
  })
  return address
}
