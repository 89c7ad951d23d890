import fs from 'node:fs'
import path from 'node:path'
import { envoyAdmin } from './envoy-admin.ts'

export interface BoundedLogsOptions {
  /** `<role>.log` of every child; they hold the file open for appending. */
  readonly logDirectory: string
  readonly maxLogBytes?: number
  /** Envoy's JSON log, whose lines must not be lost. */
  readonly witnessLog: string
  readonly maxWitnessBytes?: number
  /**
   * How far delivery has read it (delivery/witness-tail.ts): an older part that is still being read
   * is not written over.
   */
  readonly witnessStateFile: string
  /** Envoy's admin socket: it must be told to open the new file. */
  readonly adminSocket: string
  readonly everyMs?: number
}

/** Keeps the data directory's logs from growing for ever: each has one older part, `<name>.1`. */
export function keepLogsBounded({ everyMs = 30_000, ...options }: BoundedLogsOptions): {
  stop(): void
} {
  const timer = setInterval(() => void boundLogs(options), everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/**
 * One look at all logs; never rejects, because a log that cannot be put aside is tried again with
 * the next look.
 */
export async function boundLogs({
  logDirectory,
  maxLogBytes = 32 * 1024 * 1024,
  witnessLog,
  maxWitnessBytes = 256 * 1024 * 1024,
  witnessStateFile,
  adminSocket,
}: Omit<BoundedLogsOptions, 'everyMs'>): Promise<void> {
  for (const name of attempt(() => fs.readdirSync(logDirectory)) ?? []) {
    const file = path.join(logDirectory, name)
    // Writers append (O_APPEND): after the cut they go on at the new end. A line written in between
    // is lost, as logs may.
    if (!name.endsWith('.log') || sizeOf(file) <= maxLogBytes) continue
    // On a full disk there is no room for the older part: bounding the log matters more than
    // keeping it.
    attempt(() => fs.copyFileSync(file, `${file}.1`))
    attempt(() => fs.truncateSync(file, 0))
  }
  const older = `${witnessLog}.1`
  // Renamed, not copied: Envoy writes on into the old file until it is told, and delivery reads
  // that to its end first.
  const unread = inodeOf(older) !== null && inodeOf(older) === inodeBeingRead(witnessStateFile)
  if (sizeOf(witnessLog) > maxWitnessBytes && !unread)
    attempt(() => fs.renameSync(witnessLog, older))
  // Also when an earlier look could not tell it: without the new file Envoy still writes into the
  // old one.
  if (fs.existsSync(older) && !fs.existsSync(witnessLog))
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

function inodeOf(file: string): number | null {
  return fs.statSync(file, { throwIfNoEntry: false })?.ino ?? null
}

function inodeBeingRead(stateFile: string): unknown {
  return attempt(
    () => (JSON.parse(fs.readFileSync(stateFile, 'utf8')) as { inode?: unknown }).inode,
  )
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
