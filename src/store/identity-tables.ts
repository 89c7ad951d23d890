import { isoTime } from './call-row.ts'
import type { StoreClient } from './client.ts'

export interface OrganisationRow {
  readonly id: string
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
}

export interface KeyRow {
  readonly org: string
  readonly id: string
  readonly name: string
  /** HMAC-SHA-256 of the key, hex: the key itself is never stored. */
  readonly keyHash: string
  readonly hint: string
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

/** Organisations and keys. Inserting a known id replaces it, so revoking is inserting with `revokedAt`. */
export interface IdentityTables {
  insertOrganisation(organisation: OrganisationRow): Promise<void>
  listOrganisations(): Promise<readonly OrganisationRow[]>
  insertKey(key: KeyRow): Promise<void>
  /** Of all organisations, revoked and expired ones too: the directory in memory decides. */
  listKeys(): Promise<readonly KeyRow[]>
}

/** The store's clock orders versions: several processes may write. */
const VERSION = `toUInt64(toUnixTimestamp64Micro(now64(6, 'UTC')))`

export function createIdentityTables(client: StoreClient): IdentityTables {
  return {
    async insertOrganisation({ id, name, createdAt }) {
      await client.run({
        tag: 'identity:insert-organisation',
        sql: `INSERT INTO organisations (id, name, created_at, version)
          SELECT {id:String}, {name:String}, parseDateTime64BestEffort({created_at:String}, 3, 'UTC'), ${VERSION}`,
        params: { id, name, created_at: createdAt },
      })
    },

    async listOrganisations() {
      const rows = await client.rows({
        tag: 'identity:list-organisations',
        sql: 'SELECT id, name, created_at FROM organisations FINAL ORDER BY created_at, id',
      })
      return rows.map((row) => ({ id: String(row.id), name: String(row.name), createdAt: isoTime(String(row.created_at)) }))
    },

    async insertKey({ org, id, name, keyHash, hint, scopes, createdAt, expiresAt, revokedAt }) {
      const time = (parameter: string) => `parseDateTime64BestEffortOrNull({${parameter}:Nullable(String)}, 3, 'UTC')`
      await client.run({
        tag: 'identity:insert-key',
        sql: `INSERT INTO api_keys (org, id, name, key_hash, hint, scopes, created_at, expires_at, revoked_at, version)
          SELECT {org:String}, {id:String}, {name:String}, {key_hash:String}, {hint:String}, {scopes:Array(String)},
            assumeNotNull(${time('created_at')}), ${time('expires_at')}, ${time('revoked_at')}, ${VERSION}`,
        params: { org, id, name, key_hash: keyHash, hint, scopes, created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt },
      })
    },

    async listKeys() {
      const rows = await client.rows({
        tag: 'identity:list-keys',
        sql: 'SELECT org, id, name, key_hash, hint, scopes, created_at, expires_at, revoked_at FROM api_keys FINAL ORDER BY org, created_at, id',
      })
      return rows.map((row) => ({
        org: String(row.org),
        id: String(row.id),
        name: String(row.name),
        keyHash: String(row.key_hash),
        hint: String(row.hint),
        scopes: Array.isArray(row.scopes) ? row.scopes.map(String) : [],
        createdAt: isoTime(String(row.created_at)),
        expiresAt: row.expires_at === null ? null : isoTime(String(row.expires_at)),
        revokedAt: row.revoked_at === null ? null : isoTime(String(row.revoked_at)),
      }))
    },
  }
}
