import fs from 'node:fs'
import path from 'node:path'
import { hashFlintKey } from './flint-key.ts'
import { type Authenticator, type Principal, SCOPES, type Scope } from './principal.ts'

/** One key as the directory knows it: enough to recognise it, nothing to reconstruct it from. */
export interface DirectoryEntry {
  readonly keyHash: string
  readonly org: string
  readonly keyId: string
  readonly scopes: readonly string[]
  readonly expiresAtMs: number | null
  readonly revokedAtMs: number | null
}

export interface KeyDirectoryOptions {
  readonly pepper: Buffer
  /** Last good copy: valid keys stay valid while ClickHouse is away, also across restarts. */
  readonly file: string
  /** Every key there is; rejects while the store is away. */
  readonly load: () => Promise<readonly DirectoryEntry[]>
  readonly refreshMs?: number
  /** How old the copy may get before unknown is the safer answer. */
  readonly maxStaleMs?: number
  readonly nowMs?: () => number
}

interface Entry {
  readonly principal: Principal
  readonly expiresAtMs: number | null
}

const MAX_RECENT_KEYS = 10_000

/** All keys of all organisations in memory: the only thing the gate asks while a caller waits. */
export class KeyDirectory implements Authenticator {
  readonly #options: Required<KeyDirectoryOptions>
  #entries: ReadonlyMap<string, Entry> = new Map()
  readonly #recent = new Map<string, Entry>()
  #loadedAtMs = 0
  #serialized = ''
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(options: KeyDirectoryOptions) {
    this.#options = { refreshMs: 2_000, maxStaleMs: 24 * 3_600_000, nowMs: Date.now, ...options }
    this.#readCopy()
  }

  /** True once there are keys to check against, be it from the copy. */
  get loaded(): boolean {
    return this.#loadedAtMs > 0
  }

  /** Age of what is in memory; Infinity when nothing is. */
  staleMs(): number {
    return this.#loadedAtMs === 0 ? Number.POSITIVE_INFINITY : this.#options.nowMs() - this.#loadedAtMs
  }

  authenticate(key: string): Principal | null | 'unavailable' {
    if (this.staleMs() > this.#options.maxStaleMs) return 'unavailable'
    const entry = this.#recent.get(key) ?? this.#recognise(key)
    if (!entry) return null
    if (entry.expiresAtMs !== null && entry.expiresAtMs <= this.#options.nowMs()) return null
    return entry.principal
  }

  /** Known keys come again and again: the HMAC is computed once per key and refresh. Unknown ones are not remembered. */
  #recognise(key: string): Entry | null {
    const entry = this.#entries.get(hashFlintKey(this.#options.pepper, key)) ?? null
    if (entry && this.#recent.size < MAX_RECENT_KEYS) this.#recent.set(key, entry)
    return entry
  }

  /** One refresh; rejects when the store is away, and then the last good copy stays in force. */
  async refresh(): Promise<void> {
    const entries = await this.#options.load()
    this.#adopt(entries, this.#options.nowMs())
    this.#writeCopy(entries)
  }

  /** Refreshes for ever; a failed refresh is told to `onError` and tried again. */
  start(onError: (error: unknown) => void): void {
    const tick = () => {
      this.refresh()
        .catch(onError)
        .finally(() => {
          if (!this.#stopped) this.#timer = setTimeout(tick, this.#options.refreshMs)
        })
    }
    tick()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #adopt(entries: readonly DirectoryEntry[], loadedAtMs: number): void {
    const map = new Map<string, Entry>()
    for (const entry of entries) {
      if (entry.revokedAtMs !== null) continue
      const scopes = entry.scopes.filter((scope): scope is Scope => SCOPES.some((known) => known === scope))
      map.set(entry.keyHash, { principal: { org: entry.org, keyId: entry.keyId, scopes }, expiresAtMs: entry.expiresAtMs })
    }
    this.#entries = map
    this.#recent.clear()
    this.#loadedAtMs = loadedAtMs
  }

  #readCopy(): void {
    let text: string
    try {
      text = fs.readFileSync(this.#options.file, 'utf8')
    } catch {
      // First start: there is no copy yet, the first refresh makes one.
      return
    }
    try {
      const { loadedAtMs, entries } = JSON.parse(text) as { loadedAtMs: number; entries: DirectoryEntry[] }
      // Without a time its keys would never grow too old.
      if (!Number.isFinite(loadedAtMs)) throw new Error('the copy does not say when it was made')
      this.#adopt(entries, loadedAtMs)
    } catch {
      // A damaged copy is no copy; refresh replaces it.
      fs.rmSync(this.#options.file, { force: true })
    }
  }

  #writeCopy(entries: readonly DirectoryEntry[]): void {
    const serialized = JSON.stringify(entries)
    const { file, nowMs } = this.#options
    // The time of loading matters only across restarts within a day: once a minute is often enough.
    const sameMinute = Math.floor(nowMs() / 60_000)
    const mark = `${sameMinute} ${serialized}`
    if (mark === this.#serialized) return
    this.#serialized = mark
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    const aside = `${file}.${process.pid}`
    fs.writeFileSync(aside, JSON.stringify({ loadedAtMs: nowMs(), entries }), { mode: 0o600 })
    fs.renameSync(aside, file)
  }
}
