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
    return { id, key, org, name, scopes }
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
    async revokeKey(id) {
      const key = (await tables.listKeys()).find((candidate) => candidate.id === id)
      if (!key) return false
      if (key.revokedAt === null) await tables.insertKey({ ...key, revokedAt: now().toISOString() })
      return true
    },
  }
}
