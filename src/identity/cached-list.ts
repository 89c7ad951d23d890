import fs from 'node:fs'
import path from 'node:path'
import { type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { replaceFile } from '../replace-file.ts'

/** What is on disk of a list whose entries a schema describes. */
const copyOf = (entry: TSchema) =>
  Type.Object({ loadedAtMs: Type.Number(), entries: Type.Array(entry) })

/** How old the copy's time may be while what it holds is unchanged. */
const COPY_EVERY_MS = 600_000

export interface CachedListOptions<T> {
  /** Last good copy: what is known stays known while ClickHouse is away, also across restarts. */
  readonly file: string
  /** Everything there is; rejects while the store is away. */
  readonly load: () => Promise<readonly T[]>
  /**
   * Shows cheaply whether what `load` gives may have changed; without it everything is loaded each
   * time.
   */
  readonly revision?: () => Promise<string>
  readonly nowMs?: () => number
}

/**
 * A list that a process holds in memory: refreshed by it every few seconds, kept on disk, and read
 * from there at once when another process of this data directory has written a newer copy (a
 * revoked key, a changed setting).
 */
export abstract class CachedList<T> {
  readonly #file: string
  readonly #load: () => Promise<readonly T[]>
  readonly #revisionOf: (() => Promise<string>) | undefined
  /** What was loaded last, and its revision, read before it was. */
  #loaded: { readonly revision: string | null; readonly entries: readonly T[] } | null = null
  protected readonly nowMs: () => number
  #loadedAtMs = 0
  #turns = 0
  #takenTurn = 0
  /** Of what is in memory. */
  #count = 0
  #written = ''
  /** The copy as this process wrote it last: no news. */
  #ownCopy = ''
  #watcher: fs.FSWatcher | null = null
  /**
   * Compiled: the gate checks the keys of all organisations while callers wait (10,000 keys: 8 ms
   * instead of 320).
   */
  #validator: { Check(value: unknown): boolean } | null = null

  constructor({ file, load, revision, nowMs = Date.now }: CachedListOptions<T>) {
    this.#file = file
    this.#load = load
    this.#revisionOf = revision
    this.nowMs = nowMs
  }

  /** Of one entry of the copy on disk; members it does not name are left alone. */
  protected abstract readonly entrySchema: TSchema

  /** Whether entries leave the list by themselves, so that none may be left. */
  protected get mayBecomeEmpty(): boolean {
    return false
  }

  protected abstract adopt(entries: readonly T[]): void

  /** True once there is something to answer from, even if only the copy. */
  get loaded(): boolean {
    return this.#loadedAtMs > 0
  }

  /** Age of what is in memory; Infinity when nothing is. */
  staleMs(): number {
    return this.#loadedAtMs === 0 ? Number.POSITIVE_INFINITY : this.nowMs() - this.#loadedAtMs
  }

  /** One refresh; rejects when the store is away, and then the last good copy stays in force. */
  async refresh(): Promise<void> {
    const turn = ++this.#turns
    // When it was asked, not answered: what changes in between is not in it.
    const askedAtMs = this.nowMs()
    const revision = (await this.#revisionOf?.()) ?? null
    if (revision !== null && revision === this.#loaded?.revision) {
      this.#loadedAtMs = Math.max(this.#loadedAtMs, askedAtMs)
      this.#writeCopy(this.#loaded.entries)
      return
    }
    const entries = await this.#load()
    // A slow answer must not undo a newer one. Turns and not times: clocks are set back.
    if (turn <= this.#takenTurn) return
    // Nothing that was made here ever leaves the list; an empty one is the answer of another
    // database, or of no one's.
    if (entries.length === 0 && this.#count > 0 && !this.mayBecomeEmpty)
      throw new Error('the store answered with an empty list, and there are entries: not believed')
    this.#takenTurn = turn
    this.adopt(entries)
    this.#count = entries.length
    this.#loaded = { revision, entries }
    this.#loadedAtMs = askedAtMs
    this.#writeCopy(entries)
  }

  /** Follows the copy on disk until `stop`; the process that holds the list refreshes it. */
  watchCopy(): void {
    try {
      this.#watcher = fs.watch(path.dirname(this.#file), (_event, name) => {
        if (name === path.basename(this.#file)) this.readCopy()
      })
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // Without it (no inotify left) the next refresh brings the same.
    }
  }

  stop(): void {
    this.#watcher?.close()
  }

  /** Takes the copy on disk where it is newer than what is in memory; a damaged one is no copy. */
  protected readCopy(): void {
    let text: string
    try {
      text = fs.readFileSync(this.#file, 'utf8')
    } catch {
      // First start: there is no copy yet, the first refresh makes one.
      return
    }
    if (text === this.#ownCopy) return
    try {
      const copy: unknown = JSON.parse(text)
      // Without a time, for example, it would never grow too old.
      if (!this.#isCopy(copy)) throw new Error('the copy is not of this shape')
      const { loadedAtMs, entries } = copy
      if (loadedAtMs < this.#loadedAtMs) return
      this.#takenTurn = this.#turns
      this.adopt(entries)
      this.#count = entries.length
      this.#loadedAtMs = loadedAtMs
    } catch {
      // Refresh replaces it.
      fs.rmSync(this.#file, { force: true })
    }
  }

  #isCopy(copy: unknown): copy is { readonly loadedAtMs: number; readonly entries: readonly T[] } {
    this.#validator ??= Compile(copyOf(this.entrySchema))
    return this.#validator.Check(copy)
  }

  #writeCopy(entries: readonly T[]): void {
    const serialized = JSON.stringify(entries)
    // The time of loading matters only across restarts within a day: now and then is often enough.
    const mark = `${Math.floor(this.nowMs() / COPY_EVERY_MS)} ${serialized}`
    if (mark === this.#written) return
    fs.mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 })
    this.#ownCopy = JSON.stringify({ loadedAtMs: this.#loadedAtMs, entries })
    replaceFile(this.#file, this.#ownCopy)
    this.#written = mark
  }
}
