import fs from 'node:fs'
import path from 'node:path'
import { inodeOf } from '../inode.ts'
import { envoyAdmin } from './envoy-admin.ts'

export interface BoundedLogsOptions {
  /** `<role>.log` of every child; they hold the file open for appending. */
  readonly logDirectory: string
  readonly maxLogBytes?: number
  /** Envoy's JSON log, whose lines must not be lost. */
  readonly accessLog: string
  readonly maxAccessLogBytes?: number
  /**
   * How far delivery has read it (delivery/access-log-tail.ts): an older part that is still being
   * read is not written over.
   */
  readonly accessLogOffsetFile: string
  /** Envoy's admin socket: Envoy opens the new file on request. */
  readonly adminSocket: string
  readonly everyMs?: number
}

/** Keeps the data directory's logs from growing forever: each has one older part, `<name>.1`. */
export function keepLogsBounded({ everyMs = 30_000, ...options }: BoundedLogsOptions): {
  stop(): void
} {
  const timer = setInterval(() => void boundLogs(options), everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/**
 * One look at all logs; never rejects, because a log that cannot be rotated is tried again with
 * the next look.
 */
export async function boundLogs({
  logDirectory,
  maxLogBytes = 32 * 1024 * 1024,
  accessLog,
  maxAccessLogBytes = 256 * 1024 * 1024,
  accessLogOffsetFile,
  adminSocket,
}: Omit<BoundedLogsOptions, 'everyMs'>): Promise<void> {
  for (const name of attempt(() => fs.readdirSync(logDirectory)) ?? []) {
    const file = path.join(logDirectory, name)
    // Writers append (O_APPEND): after the cut they go on at the new end. A line written in between
    // is lost, as logs may.
    if (!name.endsWith('.log') || sizeOf(file) <= maxLogBytes) continue
    // On a full disk there is no space for the older part: bounding the log matters more than
    // keeping it.
    attempt(() => fs.copyFileSync(file, `${file}.1`))
    attempt(() => fs.truncateSync(file, 0))
  }
  const older = `${accessLog}.1`
  // Renamed, not copied: Envoy writes on into the old file until it reopens its logs, and delivery
  // reads that to its end first.
  const unread = inodeOf(older) !== null && inodeOf(older) === inodeBeingRead(accessLogOffsetFile)
  if (sizeOf(accessLog) > maxAccessLogBytes && !unread)
    attempt(() => fs.renameSync(accessLog, older))
  // Also when an earlier look could not ask for it: without the new file Envoy still writes into
  // the old one.
  if (fs.existsSync(older) && !fs.existsSync(accessLog))
    await envoyAdmin(adminSocket).post('/reopen_logs')
}

/** What fails here is tried again with the next look; it must not end the parent of everything. */
function attempt<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}

function inodeBeingRead(offsetFile: string): unknown {
  return attempt(
    () => (JSON.parse(fs.readFileSync(offsetFile, 'utf8')) as { inode?: unknown }).inode,
  )
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
