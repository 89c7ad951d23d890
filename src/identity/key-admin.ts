import { randomUUID } from 'node:crypto'
import type { IdentityTables, KeyRow, OrganisationRow } from '../store/identity-tables.ts'
import { flintKeyHint, hashFlintKey, makeFlintKey } from './flint-key.ts'
import { DEFAULT_SCOPES, SCOPES, type Scope } from './principal.ts'

export interface NewKey {
  readonly id: string
  /** The key itself: shown this once, stored nowhere. */
  readonly key: string
  readonly org: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** ISO 8601. */
  readonly createdAt: string
  readonly expiresAt: string | null
}

export type KeyState = 'active' | 'expired' | 'revoked'

export function keyState({ expiresAt, revokedAt }: Pick<KeyRow, 'expiresAt' | 'revokedAt'>, nowMs: number): KeyState {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active'
}

export interface KeyAdminOptions {
  readonly tables: IdentityTables
  readonly pepper: Buffer
  readonly now?: () => Date
}

export interface CreateKey {
  readonly org: string
  readonly name: string
  readonly scopes?: readonly Scope[]
  readonly expiresAt?: Date | null
  /** For a key that the operator brings along; else a random one is made. */
  readonly key?: string
}

/** One key, named together with the organisation that asks: another organisation's key is not found. */
export interface OwnKey {
  readonly org: string
  readonly id: string
}

export interface RotateKey extends OwnKey {
  /** How long the old key stays in force; one that expires sooner keeps its time. */
  readonly overlapMs: number
  /** Of the new key. */
  readonly expiresAt?: Date | null
}

/** Makes, lists and revokes keys and organisations; the directories of gate and API follow within seconds. */
export interface KeyAdmin {
  /** The first organisation and its key with all scopes; null when there is an organisation already. */
  ensureFirstOrganisation(bootstrapKey: string | undefined): Promise<NewKey | null>
  createKey(wish: CreateKey): Promise<NewKey>
  /** Of one organisation, or of all. */
  listKeys(org?: string): Promise<readonly KeyRow[]>
  listOrganisations(): Promise<readonly OrganisationRow[]>
  /** False when there is no such key. */
  revokeKey(id: string): Promise<boolean>
  /** What an organisation does itself. Never takes its last active key with scope admin: it would have locked itself out. */
  revokeOwnKey(key: OwnKey): Promise<'revoked' | 'not_found' | 'last_admin_key'>
  renameKey(key: OwnKey & { readonly name: string }): Promise<KeyRow | 'not_found'>
  /** A new key with the old one's name and scopes. Only an active key can be rotated: nothing ended comes back this way. */
  rotateKey(wish: RotateKey): Promise<NewKey | 'not_found' | 'not_active'>
}

export function createKeyAdmin({ tables, pepper, now = () => new Date() }: KeyAdminOptions): KeyAdmin {
  async function createKey({ org, name, scopes = DEFAULT_SCOPES, expiresAt = null, key = makeFlintKey() }: CreateKey): Promise<NewKey> {
    const keyHash = hashFlintKey(pepper, key)
    // Two replicas that start with the same bootstrap key write the same row.
    const id = `key_${keyHash.slice(0, 16)}`
    const row: KeyRow = {
      org,
      id,
      name,
      keyHash,
      hint: flintKeyHint(key),
      scopes,
      createdAt: now().toISOString(),
      expiresAt: expiresAt?.toISOString() ?? null,
      revokedAt: null,
    }
    await tables.insertKey(row)
    return { id, key, org, name, scopes, createdAt: row.createdAt, expiresAt: row.expiresAt }
  }

  const find = async ({ org, id }: OwnKey) => (await tables.listKeys()).find((key) => key.org === org && key.id === id)

  /**
   * Changes of existing keys, one after the other: each replaces a whole row, so of two at once the later would undo the
   * earlier, and two administrators could revoke each other. Between processes there is no such order.
   */
  let lastChange: Promise<unknown> = Promise.resolve()
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = lastChange.then(change)
    lastChange = turn.catch(() => undefined)
    return turn
  }

  return {
    async ensureFirstOrganisation(bootstrapKey) {
      if ((await tables.listOrganisations()).length > 0) return null
      const org =
        bootstrapKey === undefined
          ? `org_${randomUUID().replaceAll('-', '').slice(0, 16)}`
          : `org_${hashFlintKey(pepper, bootstrapKey).slice(16, 32)}`
      const first = await createKey({
        org,
        name: 'bootstrap',
        scopes: SCOPES,
        ...(bootstrapKey === undefined ? {} : { key: bootstrapKey }),
      })
      // The organisation last: if this start dies before it, the next one makes a key that somebody sees.
      await tables.insertOrganisation({ id: org, name: 'first', createdAt: now().toISOString() })
      return first
    },
    createKey,
    async listKeys(org) {
      const keys = await tables.listKeys()
      return org === undefined ? keys : keys.filter((key) => key.org === org)
    },
    listOrganisations: () => tables.listOrganisations(),
    revokeKey: (id) =>
      inTurn(async () => {
        const key = (await tables.listKeys()).find((candidate) => candidate.id === id)
        if (!key) return false
        if (key.revokedAt === null) await tables.insertKey({ ...key, revokedAt: now().toISOString() })
        return true
      }),
    revokeOwnKey: ({ org, id }) =>
      inTurn(async () => {
        const keys = (await tables.listKeys()).filter((key) => key.org === org)
        const key = keys.find((candidate) => candidate.id === id)
        if (!key) return 'not_found'
        if (key.revokedAt !== null) return 'revoked'
        const at = now()
        const isActiveAdmin = (candidate: KeyRow) => candidate.scopes.includes('admin') && keyState(candidate, at.getTime()) === 'active'
        if (isActiveAdmin(key) && keys.filter(isActiveAdmin).length === 1) return 'last_admin_key'
        await tables.insertKey({ ...key, revokedAt: at.toISOString() })
        return 'revoked'
      }),
    renameKey: ({ name, ...own }) =>
      inTurn(async () => {
        const key = await find(own)
        if (!key) return 'not_found'
        const renamed = { ...key, name }
        await tables.insertKey(renamed)
        return renamed
      }),
    rotateKey: ({ overlapMs, expiresAt = null, ...own }) =>
      inTurn(async () => {
        const old = await find(own)
        if (!old) return 'not_found'
        const atMs = now().getTime()
        if (keyState(old, atMs) !== 'active') return 'not_active'
        const scopes = SCOPES.filter((scope) => old.scopes.includes(scope))
        // The new key first: a failure in between leaves one key too many, never none.
        const made = await createKey({ org: old.org, name: old.name, scopes, expiresAt })
        const endMs = Math.min(atMs + overlapMs, old.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(old.expiresAt))
        await tables.insertKey({ ...old, expiresAt: new Date(endMs).toISOString() })
        return made
      }),
  }
}
