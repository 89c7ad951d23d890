import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../config/package-root.ts'
import type { StoreClient } from './client.ts'
import { splitStatements } from './sql-statements.ts'

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

interface MigrateOptions {
  readonly client: StoreClient
  /** Default: the files of `src/store/migrations`. */
  readonly migrations?: readonly Migration[]
  /**
   * Definitions that may change: run after the migrations, again whenever they differ. Default:
   * `src/store/views`.
   */
  readonly views?: readonly Migration[]
}

/**
 * Brings the database to the newest migration; returns the names of those it ran.
 *
 * Several processes may do this at once, and one may die in the middle: there is no lock to be left
 * behind, because every statement can be repeated (IF NOT EXISTS, IF EXISTS). So must be the
 * statements of a new file.
 */
export async function migrate({
  client,
  migrations = readMigrations(),
  views = readViews(),
}: MigrateOptions): Promise<readonly string[]> {
  await client.ensureDatabase()
  await client.run({ tag: 'migrate', sql: CREATE_TABLE })
  const applied = await readApplied(client)
  for (const { name, sql } of migrations) {
    const known = applied.get(name)
    if (known !== undefined && known !== checksum(sql)) {
      throw new MigrationError(
        `Migration ${name} was changed after it ran on this database: restore the file and put the change into a new one`,
      )
    }
  }
  const fresh = [
    ...migrations.filter(({ name }) => !applied.has(name)),
    ...views.filter(({ name, sql }) => applied.get(name) !== checksum(sql)),
  ]
  for (const migration of fresh) await apply(client, migration)
  return fresh.map(({ name }) => name)
}

/** The migrations of this version, in order. */
export function readMigrations(): readonly Migration[] {
  return readScripts('migrations', /^\d{3}_[a-z0-9_]+\.sql$/)
}

/**
 * The views of this version, those that others read first. A view holds nothing, so a new
 * definition replaces the old one.
 */
export function readViews(): readonly Migration[] {
  return readScripts('views', /^\d\d_[a-z0-9_]+\.sql$/)
}

function readScripts(folderName: string, pattern: RegExp): readonly Migration[] {
  const folder = join(packageRoot(), 'src', 'store', folderName)
  const files = readdirSync(folder)
    .filter((file) => pattern.test(file))
    .sort()
  return files.map((file) => ({
    name: file.slice(0, -'.sql'.length),
    sql: readFileSync(join(folder, file), 'utf8'),
  }))
}

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations
(name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'))
ENGINE = ReplacingMergeTree(applied_at) ORDER BY name`

async function apply(client: StoreClient, { name, sql }: Migration): Promise<void> {
  for (const statement of splitStatements(sql)) {
    try {
      await client.run({ tag: `migrate:${name}`, sql: statement })
    } catch (cause) {
      throw new MigrationError(
        `Migration ${name} failed: ${cause instanceof Error ? cause.message : 'unknown reason'}`,
        { cause },
      )
    }
  }
  await client.run({
    tag: `migrate:${name}`,
    sql: 'INSERT INTO schema_migrations (name, checksum) SELECT {name:String}, {checksum:String}',
    params: { name, checksum: checksum(sql) },
  })
}

async function readApplied(client: StoreClient): Promise<ReadonlyMap<string, string>> {
  const rows = await client.rows({
    tag: 'migrate',
    sql: 'SELECT name, checksum FROM schema_migrations FINAL',
  })
  return new Map(rows.map(({ name, checksum: sum }) => [String(name), String(sum)]))
}

function checksum(sql: string): string {
  // Line endings are git's business, not a change.
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
}
