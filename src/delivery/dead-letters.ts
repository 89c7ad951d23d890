import type { Dirent } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { writeDurably } from './durable-file.ts'
import { isDayOver } from './retention.ts'

const DeadLetterSchema = Type.Object({
  /** `<record id>.<kind>.<version>`, or `unreadable.<hash>`. */
  id: Type.String(),
  org: Type.String(),
  recordId: Type.Union([Type.String(), Type.Null()]),
  kind: Type.Union([Type.String(), Type.Null()]),
  /** ISO 8601. */
  refusedAt: Type.String(),
  /** ClickHouse's error and its code, never a part of the row. */
  reason: Type.String(),
  /** The line as it was. */
  row: Type.String(),
})

/**
 * A row that ClickHouse refused for what it is. It may hold previews: it is kept as long as prompts
 * are.
 */
export type DeadLetter = Readonly<Static<typeof DeadLetterSchema>>

/** Where a letter lies, without a look at it. */
export interface LetterPlace {
  readonly id: string
  readonly org: string
  /** UTC, of the call; of the refusal where the row names no call. */
  readonly day: string
  readonly bytes: number
}

export interface LetterCounters {
  /** On disk now. */
  lettersKept: number
  letterBytes: number
  /** Since the start: gone before their time because an organisation had too many. */
  lettersDropped: number
}

export function createLetterCounters(): LetterCounters {
  return { lettersKept: 0, letterBytes: 0, lettersDropped: 0 }
}

export interface DeadLetters {
  /** Resolves once it is on disk. Kept again, it is there once. */
  keep(letter: DeadLetter, day: string): Promise<void>
  /** By organisation, day and id. */
  list(org?: string): Promise<readonly LetterPlace[]>
  /** Null where it is gone by now, or damaged. */
  read(place: LetterPlace): Promise<DeadLetter | null>
  remove(place: LetterPlace): Promise<void>
  /** Those of these calls. */
  erase(
    calls: readonly { readonly org: string; readonly recordId: string; readonly day: string }[],
  ): Promise<void>
  /** Those of days that are over by what their organisation wants. */
  expire(retentionDaysOf: (org: string) => number, nowMs: number): Promise<void>
  /** Brings the counters up to date: other processes remove letters too. */
  measure(): Promise<void>
}

const MAX_BYTES_PER_ORG = 64 * 1024 * 1024
/** A file takes whole blocks of the disk. */
const BLOCK_BYTES = 4_096
const SUFFIX = '.json'

/**
 * `dead-letters/<org>/<day>/<id>.json`, 0600: one file per letter, so that any of them can go
 * without the others.
 */
export function createDeadLetters(
  root: string,
  {
    counters = createLetterCounters(),
    maxBytesPerOrg = MAX_BYTES_PER_ORG,
  }: { counters?: LetterCounters; maxBytesPerOrg?: number } = {},
): DeadLetters {
  const bytesOf = new Map<string, number>()
  const fileOf = ({ org, day, id }: Pick<LetterPlace, 'org' | 'day' | 'id'>) =>
    path.join(root, org, day, `${id}${SUFFIX}`)

  async function list(org?: string): Promise<LetterPlace[]> {
    const places: LetterPlace[] = []
    for (const named of org === undefined ? await foldersIn(root) : [org])
      for (const day of await foldersIn(path.join(root, named)))
        for (const { name } of await entriesOf(path.join(root, named, day))) {
          if (!name.endsWith(SUFFIX)) continue
          const id = name.slice(0, -SUFFIX.length)
          const stat = await fs.stat(path.join(root, named, day, name)).catch(() => null)
          if (stat) places.push({ id, org: named, day, bytes: stat.size })
        }
    return places
  }

  async function remove(place: Pick<LetterPlace, 'org' | 'day' | 'id'>): Promise<void> {
    await fs.rm(fileOf(place), { force: true })
    await fs.rmdir(path.dirname(fileOf(place))).catch(() => undefined)
  }

  /** Oldest first, until there is space for a while. */
  async function dropOldest(org: string): Promise<void> {
    const places = await list(org)
    let bytes = places.reduce((sum, place) => sum + onDisk(place.bytes), 0)
    for (const place of places) {
      if (bytes <= maxBytesPerOrg * 0.9) break
      await remove(place)
      bytes -= onDisk(place.bytes)
      counters.lettersDropped += 1
      counters.lettersKept -= 1
      counters.letterBytes -= onDisk(place.bytes)
    }
    bytesOf.set(org, bytes)
  }

  return {
    list,
    remove,
    async keep(letter, day) {
      const file = fileOf({ org: letter.org, day, id: letter.id })
      const body = Buffer.from(`${JSON.stringify(letter)}\n`)
      const isNew = (await fs.stat(file).catch(() => null)) === null
      writeDurably(file, body)
      if (!isNew) return
      counters.lettersKept += 1
      counters.letterBytes += onDisk(body.length)
      const bytes = (bytesOf.get(letter.org) ?? 0) + onDisk(body.length)
      bytesOf.set(letter.org, bytes)
      if (bytes > maxBytesPerOrg) await dropOldest(letter.org)
    },
    async read(place) {
      const text = await fs.readFile(fileOf(place), 'utf8').catch(() => null)
      return text === null ? null : readLetter(text)
    },
    async erase(calls) {
      const days = new Map<string, Set<string>>()
      for (const { org, day, recordId } of calls) {
        const folder = path.join(root, org, day)
        days.set(folder, (days.get(folder) ?? new Set()).add(recordId))
      }
      for (const [folder, recordIds] of days)
        for (const { name } of await entriesOf(folder))
          if (recordIds.has(name.split('.')[0] ?? ''))
            await fs.rm(path.join(folder, name), { force: true })
    },
    async expire(retentionDaysOf, nowMs) {
      for (const org of await foldersIn(root))
        for (const day of await foldersIn(path.join(root, org)))
          if (isDayOver(Date.parse(day), retentionDaysOf(org), nowMs))
            await fs.rm(path.join(root, org, day), { recursive: true, force: true })
    },
    async measure() {
      const places = await list()
      bytesOf.clear()
      for (const { org, bytes } of places) bytesOf.set(org, (bytesOf.get(org) ?? 0) + onDisk(bytes))
      counters.lettersKept = places.length
      counters.letterBytes = [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0)
    },
  }
}

function readLetter(text: string): DeadLetter | null {
  try {
    const letter: unknown = JSON.parse(text)
    return Value.Check(DeadLetterSchema, letter) ? letter : null
  } catch {
    return null
  }
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
}

async function foldersIn(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** In the order of their names; none where the folder is not there. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true })
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
