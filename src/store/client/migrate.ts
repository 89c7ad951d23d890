import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../config/package-root.ts'
import {
  changedOf,
  checksum,
  type Migration,
  MigrationError,
  migrationFailed,
  newOf,
  readApplied,
  rememberApplied,
} from './applied-migrations.ts'
import type { StoreClient } from './client.ts'
import { splitStatements } from './sql-statements.ts'

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
  await refuseCluster(client)
  const applied = await readApplied(client)
  const fresh = [...newOf(migrations, applied), ...changedOf(views, applied)]
  for (const migration of fresh) await apply(client, migration)
  return fresh.map(({ name }) => name)
}

/** Its tables hold nothing themselves: these migrations would make a second store beside it. */
async function refuseCluster(client: StoreClient): Promise<void> {
  const rows = await client.rows({
    tag: 'migrate',
    sql: `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'Distributed' LIMIT 1`,
  })
  if (rows.length > 0)
    throw new MigrationError(
      `the database ${client.database} was made for a cluster: set clickhouse.cluster (FLINT_CLICKHOUSE_CLUSTER), or name another one in clickhouse.database`,
    )
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

/** Runs a script's statements, and by default notes that it ran. */
export async function apply(
  client: StoreClient,
  { name, sql }: Migration,
  { remember = true }: { readonly remember?: boolean } = {},
): Promise<void> {
  for (const statement of splitStatements(sql)) {
    try {
      await client.run({ tag: `migrate:${name}`, sql: statement })
    } catch (cause) {
      throw migrationFailed(name, cause)
    }
  }
  if (remember) await rememberApplied(client, name, checksum(sql))
}
