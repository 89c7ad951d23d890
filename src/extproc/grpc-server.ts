import http2 from 'node:http2'
import type tls from 'node:tls'
import type { Peer } from './mesh-identity.ts'
import type { PeerOf } from './peers.ts'

/**
 * gRPC over node:http2, server side, streaming only: what Envoy needs of a gRPC server and nothing
 * else. HTTP/2 framing, flow control and trailers are Node's; ours is the five-byte message prefix.
 * The same exchange costs about a quarter less CPU than over grpc-js (docs/decisions/003,
 * bench/transport.ts).
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */

/** The answering side of one stream. */
export interface GrpcReply {
  /**
   * One message. The stream then ends when the peer half-closes or resets it: Envoy does so as soon
   * as it needs no more.
   */
  send(message: Uint8Array): void
  /** Ends the stream with grpc-status 0, whether the peer has finished or not. */
  end(): void
  /** Breaks the stream off: for a peer that waits, the call cannot go on. */
  fail(): void
}

interface GrpcStreamHandler {
  /** One whole message; a view of the transport's buffer: copy what is kept. */
  message(bytes: Buffer): void
  /** The peer ended, reset or lost the stream; called exactly once, also after `reply.end`. */
  closed(): void
}

/**
 * `metadata`: the stream's request headers, lower-case names. `peer`: who opened the connection, by
 * its certificate; null on a socket of this machine.
 */
export type GrpcMethod = (
  reply: GrpcReply,
  metadata: http2.IncomingHttpHeaders,
  peer: Peer | null,
) => GrpcStreamHandler

export interface GrpcServerOptions {
  /** `/package.Service/Method` → what to do with one stream. */
  readonly methods: Readonly<Record<string, GrpcMethod>>
  /** How far Envoy may run ahead of us per stream before it must wait. */
  readonly streamWindowBytes?: number
  readonly connectionWindowBytes?: number
  /** Only who shows a certificate that `peerOf` knows is served; left out: on a private socket. */
  readonly secure?: { readonly context: tls.SecureContextOptions; readonly peerOf: PeerOf }
  /** A handler threw: the stream is closed, the process goes on. */
  readonly onError: (error: unknown) => void
}

const OK_HEADERS = { ':status': 200, 'content-type': 'application/grpc' }
const UNIMPLEMENTED = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }
const OK_TRAILERS = { 'grpc-status': '0' }
const TRAILERS_ONLY = { ...OK_HEADERS, ...OK_TRAILERS }
const PREFIX_BYTES = 5
/** Envoy cuts bodies at its buffer limit (1 MiB here); anything far over that is not Envoy. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

export type GrpcServer = http2.Http2Server | http2.Http2SecureServer

export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const {
    methods,
    streamWindowBytes = 65_535,
    connectionWindowBytes = 16 * 1024 * 1024,
    secure,
    onError,
  } = options
  const settings = {
    settings: {
      initialWindowSize: streamWindowBytes,
      maxConcurrentStreams: 1_000_000,
      enablePush: false,
    },
    maxSessionMemory: 1_000_000,
    // Envoy reuses connections for limited numbers of streams; an idle one costs nothing.
    unknownProtocolTimeout: 5_000,
  }
  const server =
    secure === undefined
      ? http2.createServer(settings)
      : http2.createSecureServer({
          ...settings,
          ...secure.context,
          minVersion: 'TLSv1.2',
          requestCert: true,
          rejectUnauthorized: true,
        })
  const peers = new WeakMap<http2.Http2Session, Peer>()
  server.on('session', (session) => {
    session.setLocalWindowSize(connectionWindowBytes)
    session.on('error', ignoreDisconnect)
    if (secure === undefined) return
    // The socket of a session of a secure server is one of TLS.
    const peer = secure.peerOf(session.socket as tls.TLSSocket)
    if (peer === null) session.destroy()
    else peers.set(session, peer)
  })
  server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    const peer = stream.session === undefined ? undefined : peers.get(stream.session)
    if (secure !== undefined && peer === undefined) return stream.destroy()
    const method = methods[String(headers[':path'])]
    if (!method) {
      stream.on('error', ignoreDisconnect)
      stream.respond(UNIMPLEMENTED, { endStream: true })
      return
    }
    serve(stream, (reply) => method(reply, headers, peer ?? null), onError)
  })
  return server
}

/** A broken connection shows as the stream's close; the error event carries nothing more. */
function ignoreDisconnect(): void {}

function serve(
  stream: http2.ServerHttp2Stream,
  method: (reply: GrpcReply) => GrpcStreamHandler,
  onError: (error: unknown) => void,
): void {
  let responded = false
  const writable = () => !stream.destroyed && !stream.writableEnded
  const end = () => {
    if (!writable()) return
    if (responded) {
      stream.end()
      return
    }
    // Trailers-Only: status and end in one frame. RFC 9113 §8.1: a server that needs no more of a
    // request then ends it with RST_STREAM(NO_ERROR); left to Envoy, that reset is one that Node's
    // rapid-reset guard counts, and an error object besides.
    stream.respond(TRAILERS_ONLY, { endStream: true })
    // A turn later: Node 22 puts a reset of the same turn before the headers, which are then lost.
    if (!stream.readableEnded) setImmediate(() => stream.close())
  }
  const handler = method({
    send(message) {
      if (!writable()) return
      if (!responded) stream.respond(OK_HEADERS, { waitForTrailers: true })
      responded = true
      stream.write(frame(message))
    },
    end,
    fail() {
      if (!stream.destroyed) stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)
    },
  })
  const fail = (error: unknown) => {
    onError(error)
    stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)
  }
  const split = createMessageSplitter((bytes) => handler.message(bytes))
  stream.on('wantTrailers', () => stream.sendTrailers(OK_TRAILERS))
  stream.on('data', (chunk: Buffer) => {
    try {
      split(chunk)
    } catch (error) {
      fail(error)
    }
  })
  // Half-closed by the peer: nothing more will be asked, so nothing more is answered.
  stream.on('end', end)
  stream.on('error', ignoreDisconnect)
  stream.on('close', () => {
    try {
      handler.closed()
    } catch (error) {
      onError(error)
    }
  })
}

/**
 * Cuts a byte stream into length-prefixed messages; a message inside one chunk is passed on without
 * a copy.
 */
export function createMessageSplitter(sink: (message: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer[] = []
  let heldBytes = 0
  let wantBytes = PREFIX_BYTES
  return (chunk) => {
    let rest = chunk
    if (heldBytes > 0) {
      held.push(chunk)
      heldBytes += chunk.length
      if (heldBytes < wantBytes) return
      rest = Buffer.concat(held, heldBytes)
      held = []
      heldBytes = 0
    }
    while (rest.length >= PREFIX_BYTES) {
      const length = rest.readUInt32BE(1)
      if (rest[0] !== 0)
        throw new Error('gRPC message is compressed; Envoy does not compress unless told to')
      if (length > MAX_MESSAGE_BYTES)
        throw new Error(`gRPC message of ${length} bytes is over the limit of ${MAX_MESSAGE_BYTES}`)
      if (rest.length < PREFIX_BYTES + length) break
      sink(rest.subarray(PREFIX_BYTES, PREFIX_BYTES + length))
      rest = rest.subarray(PREFIX_BYTES + length)
    }
    wantBytes = rest.length >= PREFIX_BYTES ? PREFIX_BYTES + rest.readUInt32BE(1) : PREFIX_BYTES
    if (rest.length > 0) {
      held.push(rest)
      heldBytes = rest.length
    }
  }
}

function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, PREFIX_BYTES)
  return framed
}
