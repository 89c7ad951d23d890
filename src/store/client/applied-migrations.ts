import { createHash } from 'node:crypto'
import type { StoreClient } from './client.ts'

export interface Migration {
  /** `NNN_name`, the file without `.sql`. */
  readonly name: string
  readonly sql: string
}

/** The database is not what these files say; nothing was changed. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MigrationError'
  }
}

export function migrationFailed(name: string, cause: unknown): MigrationError {
  const why = cause instanceof Error ? cause.message : 'unknown reason'
  return new MigrationError(`Migration ${name} failed: ${why}`, { cause })
}

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations
(name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'))
ENGINE = ReplacingMergeTree(applied_at) ORDER BY name`

/** What ran on the client's database, and the checksum of what ran, by name. */
export async function readApplied(client: StoreClient): Promise<ReadonlyMap<string, string>> {
  await client.run({ tag: 'migrate', sql: CREATE_TABLE })
  const rows = await client.rows({
    tag: 'migrate',
    sql: 'SELECT name, checksum FROM schema_migrations FINAL',
  })
  return new Map(rows.map(({ name, checksum: sum }) => [String(name), String(sum)]))
}

export function rememberApplied(client: StoreClient, name: string, sum: string): Promise<void> {
  return client.run({
    tag: `migrate:${name}`,
    sql: 'INSERT INTO schema_migrations (name, checksum) SELECT {name:String}, {checksum:String}',
    params: { name, checksum: sum },
  })
}

/** Migrations that did not run yet; throws where one ran and was changed since. */
export function newOf(
  migrations: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): readonly Migration[] {
  for (const { name, sql } of migrations) {
    const known = applied.get(name)
    if (known !== undefined && known !== checksum(sql)) {
      throw new MigrationError(
        `Migration ${name} was changed after it ran on this database: restore the file and put the change into a new one`,
      )
    }
  }
  return migrations.filter(({ name }) => !applied.has(name))
}

/** Scripts that did not run yet as they are now. */
export function changedOf(
  scripts: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): readonly Migration[] {
  return scripts.filter(({ name, sql }) => applied.get(name) !== checksum(sql))
}

export function checksum(sql: string): string {
  // Line endings are git's business, not a change.
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
}
