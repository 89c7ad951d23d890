import fs from 'node:fs'
import type http2 from 'node:http2'
import os from 'node:os'
import pino, { type Logger } from 'pino'
import { type DataPaths, lockSocket, metricsSocket } from './config/data-paths.ts'
import { createGrpcServer, type GrpcMethod } from './extproc/grpc-server.ts'
import type { Installation } from './installation.ts'
import type { Metric } from './metrics/metric.ts'
import { serveMetrics } from './metrics/serve-metrics.ts'
import { StoreError } from './store/store-error.ts'
import { lockDataDirectory } from './supervisor/data-directory-lock.ts'

/** What the processes of all roles have in common: a logger, a socket, metrics, things done again and again. */

/** A running role; `close` ends it in order: stop taking work, finish, flush. */
export interface Role {
  close(): Promise<void>
}

/** A second process of a role on one data directory would take the first one's socket and mend the spool under its hands. */
export function lockRole({ paths }: Installation, role: string): Promise<{ release(): void }> {
  return lockDataDirectory(lockSocket(paths, role), `${paths.root} (${role})`)
}

export function roleLogger({ config }: Installation, role: string): Logger {
  return pino({ name: `flint-${role}`, level: config.logLevel, base: { role } })
}

export interface ListenGrpcOptions {
  readonly streamWindowBytes?: number
  /** True when no stream is left that somebody waits for: a stop then need not be patient. */
  readonly isFinished?: (waitedMs: number) => boolean
}

/** What an orchestrator commonly leaves a process to end in is 30 s. */
const LONGEST_STOP_MS = 25_000
const LAST_POSSIBLE_STREAM = 2 ** 31 - 1
const NOTICE_MS = 200

export async function listenGrpc(
  socketPath: string,
  methods: Readonly<Record<string, GrpcMethod>>,
  log: Logger,
  { streamWindowBytes, isFinished = () => true }: ListenGrpcOptions = {},
): Promise<Role> {
  const server = createGrpcServer({
    methods,
    onError: (error) => log.error({ error: errorName(error) }, 'a stream failed'),
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
      // Told first and closed after (RFC 9113 §6.8): a stream that Envoy opens before it has heard of it is still served.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions) session.goaway(0, LAST_POSSIBLE_STREAM)
      await new Promise((resolve) => setTimeout(resolve, NOTICE_MS))
      // Streams under way may finish; Envoy keeps access log streams open for ever.
      for (const session of sessions) session.close()
      let waitedMs = 0
      const patience = setInterval(() => {
        waitedMs += 100
        if (waitedMs >= LONGEST_STOP_MS || (waitedMs >= 1_000 && isFinished(waitedMs))) for (const session of sessions) session.destroy()
      }, 100)
      await closed
      clearInterval(patience)
    },
  }
}

export function serveRoleMetrics(paths: DataPaths, role: string, metrics: readonly Metric[]): Promise<{ close(): void }> {
  return serveMetrics(metricsSocket(paths, role), metrics)
}

/** What may be said of an error in a log: never its message, which may quote what a stranger sent. */
export function errorName(error: unknown): string {
  if (error instanceof StoreError) return `StoreError ${error.code ?? 'without code'}`
  return error instanceof Error ? error.name : typeof error
}

/** Where an error came from: its stack without its message. */
export function framesOf(error: unknown): string[] {
  return error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s{1,8}at /.test(line)) : []
}

/**
 * Nobody waits for observer and delivery: where cores are scarce, Envoy and the gate go first. A late delivery only delays; an observer
 * that is too late for Envoy's patience loses copies, so it yields less (docs/decisions/013).
 */
export const NICENESS = { observer: 2, delivery: 5 } as const
const LOWEST_PRIORITY = 19

/** Relative to what this process was started with: taking priority back needs rights that few have, and is nobody's wish. */
export function yieldToCallers(niceness: number, log: Logger): void {
  try {
    os.setPriority(Math.min(os.getPriority() + niceness, LOWEST_PRIORITY))
  } catch (error) {
    log.warn({ error: errorName(error) }, 'the priority could not be lowered; callers may wait longer where cores are scarce')
  }
}

/** Logs a lasting trouble once a minute, not once a try. */
export function warnOnce(log: Logger, message: string): (error: unknown) => void {
  let lastAtMs = Number.NEGATIVE_INFINITY
  return (error) => {
    if (performance.now() - lastAtMs < 60_000) return
    lastAtMs = performance.now()
    log.warn({ error: errorName(error) }, message)
  }
}

/** Acts at once and then again and again; the returned function ends that and resolves once no act is under way. */
export function repeat(everyMs: number, act: () => Promise<unknown>, onError: (error: unknown) => void): () => Promise<void> {
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let acting: Promise<unknown> = Promise.resolve()
  const tick = () => {
    acting = act()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, everyMs)
      })
  }
  tick()
  return async () => {
    stopped = true
    if (timer) clearTimeout(timer)
    await acting
  }
}
