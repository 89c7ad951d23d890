import fs from 'node:fs'
import type http2 from 'node:http2'
import { createGrpcServer, type GrpcMethod } from './grpc-server.ts'

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

/** Serves gRPC methods on a Unix socket (0600) until `close`, which lets open streams finish. */
export async function listenGrpc(
  socketPath: string,
  methods: Readonly<Record<string, GrpcMethod>>,
  { onError, streamWindowBytes, isFinished = () => true }: ListenGrpcOptions,
): Promise<{ close(): Promise<void> }> {
  const server = createGrpcServer({
    methods,
    onError,
    ...(streamWindowBytes === undefined ? {} : { streamWindowBytes }),
  })
  fs.rmSync(socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  fs.chmodSync(socketPath, 0o600)
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => {
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
