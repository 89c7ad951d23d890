import fs from 'node:fs'
import path from 'node:path'

/** How segments are named, found and mended. Names sort in the order in which they were written. */

const OPEN = '.open'
const CLOSED = '.ndjson'

export function openName(startedAtMs: number, sequence: number): string {
  return `${startedAtMs}-${String(sequence).padStart(9, '0')}${OPEN}`
}

export function closedName(openFile: string): string {
  return openFile.slice(0, -OPEN.length) + CLOSED
}

/** The start that the newest segment here is named after; 0 when there is none. */
export function latestStartMs(directory: string): number {
  let latest = 0
  // A backlog may hold more names than a call may have arguments.
  for (const name of fs.readdirSync(directory))
    latest = Math.max(latest, Number(/^(\d{1,15})-\d+\./.exec(name)?.[1] ?? 0))
  return latest
}

export interface Segment {
  readonly file: string
  readonly bytes: number
  readonly writtenAtMs: number
}

/**
 * Closed segments under `root` (`<instance>/<role>/…`), oldest first: no role's backlog keeps
 * another's waiting.
 */
export function closedSegments(root: string): Segment[] {
  const segments: Segment[] = []
  for (const directory of roleDirectories(root)) {
    for (const name of fs.readdirSync(directory).sort()) {
      if (!name.endsWith(CLOSED)) continue
      const file = path.join(directory, name)
      const stat = fs.statSync(file, { throwIfNoEntry: false })
      if (stat) segments.push({ file, bytes: stat.size, writtenAtMs: stat.mtimeMs })
    }
  }
  return segments.sort((one, other) => one.writtenAtMs - other.writtenAtMs)
}

/**
 * Closes what a dead process left open. Only for a directory without a living writer: by the writer
 * itself at its start, or by a parent for the directories of others that are gone.
 */
export function recoverDirectory(directory: string): { tornTails: number } {
  let tornTails = 0
  for (const name of fs.readdirSync(directory)) {
    if (!name.endsWith(OPEN)) continue
    const file = path.join(directory, name)
    const content = fs.readFileSync(file)
    const wholeBytes = content.lastIndexOf(0x0a) + 1
    if (wholeBytes < content.length) {
      // The process died inside a write: its row was never confirmed to anybody.
      tornTails += 1
      fs.truncateSync(file, wholeBytes)
    }
    if (wholeBytes === 0) fs.unlinkSync(file)
    else fs.renameSync(file, closedName(file))
  }
  return { tornTails }
}

/** Mends the directories under `root` whose instance is not the living one. */
export function adoptDeadDirectories(root: string, livingInstance: string): { tornTails: number } {
  let tornTails = 0
  for (const directory of roleDirectories(root)) {
    if (path.basename(path.dirname(directory)) !== livingInstance)
      tornTails += recoverDirectory(directory).tornTails
  }
  return { tornTails }
}

function roleDirectories(root: string): string[] {
  const directories: string[] = []
  for (const instance of subdirectories(root)) directories.push(...subdirectories(instance))
  return directories.sort()
}

function subdirectories(parent: string): string[] {
  if (!fs.existsSync(parent)) return []
  return fs
    .readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(parent, entry.name))
}

/** All of it: a write may stop in the middle, e.g. at the end of the disk. */
export function writeAll(fd: number, bytes: Buffer): void {
  let written = 0
  while (written < bytes.length) written += fs.writeSync(fd, bytes, written)
}

/** Makes names durable: a new file is found after power loss only once its directory is flushed. */
export function fsyncDirectory(directory: string): void {
  const fd = fs.openSync(directory, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
