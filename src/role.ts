import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pino, { type Logger } from 'pino'
import type { DataPaths } from './config/data-paths.ts'
import { createGrpcServer, type GrpcMethod } from './extproc/grpc-server.ts'
import type { Installation } from './installation.ts'
import { type Metric, type NamedMetric, serveMetrics } from './metrics.ts'
import { StoreError } from './store/store-error.ts'
import { lockDataDirectory } from './supervisor/data-directory-lock.ts'

/** What the processes of all roles have in common: a logger, a socket, metrics, things done again and again. */

/** A running role; `close` ends it in order: stop taking work, finish, flush. */
export interface Role {
  close(): Promise<void>
}

/** A second process of a role on one data directory would take the first one's socket and mend the spool under its hands. */
export function lockRole({ paths }: Installation, role: string): Promise<{ release(): void }> {
  return lockDataDirectory(path.join(path.dirname(paths.sockets.gate), `${role}-l.sock`), `${paths.root} (${role})`)
}

export function roleLogger({ config }: Installation, role: string): Logger {
  return pino({ name: `flint-${role}`, level: config.logLevel, base: { role } })
}

export async function listenGrpc(
  socketPath: string,
  methods: Readonly<Record<string, GrpcMethod>>,
  log: Logger,
  streamWindowBytes?: number,
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
  const sessions = new Set<{ close(): void; destroy(): void }>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  return {
    async close() {
      // GOAWAY: streams under way may finish, new ones go elsewhere; Envoy keeps access log streams open for ever.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions) session.close()
      const patience = setTimeout(() => {
        for (const session of sessions) session.destroy()
      }, 1_000)
      await closed
      clearTimeout(patience)
    },
  }
}

export function serveRoleMetrics(paths: DataPaths, role: string, metrics: readonly (Metric | NamedMetric)[]): Promise<{ close(): void }> {
  return serveMetrics(path.join(path.dirname(paths.sockets.gate), `${role}-m.sock`), metrics)
}

/** What may be said of an error in a log: never its message, which may quote what a stranger sent. */
export function errorName(error: unknown): string {
  if (error instanceof StoreError) return `StoreError ${error.code ?? 'without code'}`
  return error instanceof Error ? error.name : typeof error
}

/** Nobody waits for observer and delivery: where cores are scarce, Envoy and the gate go first. */
export function yieldToCallers(): void {
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL)
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

export function repeat(everyMs: number, act: () => Promise<unknown>, onError: (error: unknown) => void): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  const tick = () => {
    act()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, everyMs)
      })
  }
  tick()
  return () => {
    stopped = true
    if (timer) clearTimeout(timer)
  }
}
