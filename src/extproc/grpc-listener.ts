import fs from 'node:fs'
import type http2 from 'node:http2'
import type net from 'node:net'
import {
  createGrpcServer,
  type GrpcMethod,
  type GrpcServer,
  type GrpcServerOptions,
} from './grpc-server.ts'
import { followFiles, type PortForProxies, secureOptions } from './port-for-proxies.ts'

export interface ListenGrpcOptions {
  /** A stream that failed; its message may quote what was sent. */
  readonly onError: (error: unknown) => void
  /** How far Envoy may run ahead on one stream; default: Node's own window. */
  readonly streamWindowBytes?: number
  /** True when no stream is left that somebody waits for: a stop then need not be patient. */
  readonly isFinished?: (waitedMs: number) => boolean
}

/** What an orchestrator commonly leaves a process to end in is 30 s. */
const LONGEST_STOP_MS = 25_000
const LAST_POSSIBLE_STREAM = 2 ** 31 - 1
const NOTICE_MS = 200

export interface GrpcListener {
  close(): Promise<void>
}

/** Serves gRPC methods on a Unix socket (0600) until `close`, which lets open streams finish. */
export async function listenGrpc(
  socketPath: string,
  methods: Readonly<Record<string, GrpcMethod>>,
  options: ListenGrpcOptions,
): Promise<GrpcListener> {
  const server = serverOf(methods, options)
  fs.rmSync(socketPath, { force: true })
  await listening(server, { path: socketPath })
  fs.chmodSync(socketPath, 0o600)
  return closable(server, options)
}

/** The same on a port for the proxies of a mesh, which must show a certificate that it allows. */
export async function listenGrpcForProxies(
  port: PortForProxies,
  methods: Readonly<Record<string, GrpcMethod>>,
  options: ListenGrpcOptions & {
    /** Renewed files that cannot be used; those before stay in force, and it is tried again. */
    readonly onUnusableFiles: (error: unknown) => void
  },
): Promise<GrpcListener> {
  const server = serverOf(methods, options, secureOptions(port))
  await listening(server, { host: port.host, port: port.port })
  const stopFollowing = followFiles(port, server, options.onUnusableFiles)
  const { close } = closable(server, options)
  return {
    close() {
      stopFollowing()
      return close()
    },
  }
}

function serverOf(
  methods: Readonly<Record<string, GrpcMethod>>,
  { onError, streamWindowBytes }: ListenGrpcOptions,
  secure?: GrpcServerOptions['secure'],
): GrpcServer {
  return createGrpcServer({
    methods,
    onError,
    ...(secure === undefined ? {} : { secure }),
    ...(streamWindowBytes === undefined ? {} : { streamWindowBytes }),
  })
}

function listening(server: GrpcServer, where: net.ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closable(
  server: GrpcServer,
  { isFinished = () => true }: ListenGrpcOptions,
): GrpcListener {
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session: http2.ServerHttp2Session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  return {
    async close() {
      // Announced first and closed after (RFC 9113 §6.8): a stream that Envoy opens before it has
      // heard of it is still served.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions) session.goaway(0, LAST_POSSIBLE_STREAM)
      await new Promise((resolve) => setTimeout(resolve, NOTICE_MS))
      // Streams under way may finish; Envoy keeps access log streams open forever.
      for (const session of sessions) session.close()
      let waitedMs = 0
      const patience = setInterval(() => {
        waitedMs += 100
        if (waitedMs >= LONGEST_STOP_MS || (waitedMs >= 1_000 && isFinished(waitedMs)))
          for (const session of sessions) session.destroy()
      }, 100)
      await closed
      clearInterval(patience)
    },
  }
}
