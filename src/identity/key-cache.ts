import { type Static, Type } from 'typebox'
import type { KeyRow } from '../store/identity/identity-rows.ts'
import { CachedList, type CachedListOptions } from './cached-list.ts'
import { hashFlintKey } from './flint-key.ts'
import {
  type Authenticator,
  type KeyAuthentication,
  type KeyHolders,
  type KeyPrincipal,
  SCOPES,
  type Scope,
} from './principal.ts'

/** One key as the directory knows it: enough to recognise it, nothing to reconstruct it from. */
const CachedKeySchema = Type.Object({
  keyHash: Type.String(),
  org: Type.String(),
  keyId: Type.String(),
  scopes: Type.Array(Type.String()),
  expiresAtMs: Type.Union([Type.Number(), Type.Null()]),
  revokedAtMs: Type.Union([Type.Number(), Type.Null()]),
})
export type CachedKey = Readonly<Static<typeof CachedKeySchema>>

export function toCachedKey({ keyHash, org, id, scopes, expiresAt, revokedAt }: KeyRow): CachedKey {
  const time = (text: string | null) => (text === null ? null : Date.parse(text))
  return {
    keyHash,
    org,
    keyId: id,
    scopes: [...scopes],
    expiresAtMs: time(expiresAt),
    revokedAtMs: time(revokedAt),
  }
}

export interface KeyCacheOptions extends CachedListOptions<CachedKey> {
  readonly pepper: Buffer
  /** Keys made under it are known too; null for none. */
  readonly previousPepper?: Buffer | null
  /** How old the copy may get before unknown is the safer answer. */
  readonly maxStaleMs?: number
}

interface Entry {
  readonly principal: KeyPrincipal
  readonly expiresAtMs: number | null
  readonly revoked: boolean
}

const MAX_RECENT_KEYS = 10_000

/** All keys of all organisations in memory: the only thing the gate asks while a caller waits. */
export class KeyCache extends CachedList<CachedKey> implements Authenticator, KeyHolders {
  readonly #peppers: readonly Buffer[]
  readonly #maxStaleMs: number
  #entries: ReadonlyMap<string, Entry> = new Map()
  #byId: ReadonlyMap<string, Entry> = new Map()
  readonly #recent = new Map<string, Entry>()

  constructor({
    pepper,
    previousPepper = null,
    maxStaleMs = 24 * 3_600_000,
    ...options
  }: KeyCacheOptions) {
    super(options)
    this.#peppers = previousPepper === null ? [pepper] : [pepper, previousPepper]
    this.#maxStaleMs = maxStaleMs
    this.readCopy()
  }

  authenticate(key: string): KeyAuthentication {
    if (this.staleMs() > this.#maxStaleMs) return UNAVAILABLE
    return this.#inForce(this.#recent.get(key) ?? this.#recognise(key))
  }

  holderOf(keyId: string): KeyAuthentication {
    return this.staleMs() > this.#maxStaleMs
      ? UNAVAILABLE
      : this.#inForce(this.#byId.get(keyId) ?? null)
  }

  #inForce(entry: Entry | null): KeyAuthentication {
    if (!entry) return UNKNOWN
    const { principal, expiresAtMs } = entry
    if (entry.revoked) return { refused: 'revoked', principal }
    return expiresAtMs !== null && expiresAtMs <= this.nowMs()
      ? { refused: 'expired', principal }
      : principal
  }

  /**
   * Known keys come again and again: the HMAC is computed once per key and refresh. Unknown ones
   * are not remembered.
   */
  #recognise(key: string): Entry | null {
    let entry: Entry | null = null
    for (const pepper of this.#peppers)
      entry ??= this.#entries.get(hashFlintKey(pepper, key)) ?? null
    if (entry && this.#recent.size < MAX_RECENT_KEYS) this.#recent.set(key, entry)
    return entry
  }

  protected override get entrySchema() {
    return CachedKeySchema
  }

  protected override adopt(entries: readonly CachedKey[]): void {
    const map = new Map<string, Entry>()
    for (const { keyHash, org, keyId, expiresAtMs, revokedAtMs, ...entry } of entries) {
      const scopes = entry.scopes.filter((scope): scope is Scope =>
        SCOPES.some((known) => known === scope),
      )
      map.set(keyHash, {
        principal: { org, keyId, scopes },
        expiresAtMs,
        revoked: revokedAtMs !== null,
      })
    }
    this.#entries = map
    this.#byId = new Map([...map.values()].map((entry) => [entry.principal.keyId, entry]))
    this.#recent.clear()
  }
}

const UNAVAILABLE: KeyAuthentication = { refused: 'unavailable', principal: null }
const UNKNOWN: KeyAuthentication = { refused: 'unknown', principal: null }
