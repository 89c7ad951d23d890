import {
  changedOf,
  checksum,
  type Migration,
  readApplied,
  rememberApplied,
} from '../client/applied-migrations.ts'
import type { StoreClient } from '../client/client.ts'
import { apply } from '../client/migrate.ts'
import { splitStatements } from '../client/sql-statements.ts'
import { type ClusterServer, tablesOn } from './cluster-server.ts'
import { idColumnOf, placementOf, viewName, viewsOfFirstShard } from './placement.ts'

/**
 * Until when every shard is summed up. A summary asks for the newest watermark of the table, and
 * must get that of the shard that is furthest behind.
 */
const ROLLED_UNTIL: Migration = {
  name: 'cluster_rolled_until',
  sql: 'CREATE OR REPLACE VIEW rolled_until AS SELECT max(watermark) AS watermark FROM quarters_rolled',
}
const QUARTERS_ROLLED = `CREATE OR REPLACE VIEW quarters_rolled AS
  SELECT 'calls' AS name, min(watermark) AS watermark FROM rolled_until`

/** What only this server knows, or no one asks for. */
const NOT_SHARED: ReadonlySet<string> = new Set(['schema_migrations', 'quarters_rolled'])

/** The views over the calls of a shard; they see the tables of the first shard under their names. */
export async function migrateViews(
  server: ClusterServer,
  { cluster, migrations, views }: Omit<DistributedOptions, 'key'>,
): Promise<readonly string[]> {
  const { databases, shardTables } = server
  const shared = (await tablesOn(server)).filter(({ database }) => database === databases.first)
  await replaceOnce(
    shardTables,
    shardTables,
    'first_tables',
    shared.map(({ name }) => distributed(name, cluster, databases.first, '0')),
    migrations,
  )
  const changed = changedOf([...views, ROLLED_UNTIL], await readApplied(shardTables))
  for (const view of changed) await apply(shardTables, view)
  return changed.map(({ name }) => name)
}

/** What readers and writers ask: every table and view of all shards under its own name. */
export async function distributeTables(
  server: ClusterServer,
  { cluster, key, migrations, views }: DistributedOptions,
): Promise<void> {
  const { databases, shardTables, whole } = server
  const tables = await tablesOn(server)
  const alone = viewsOfFirstShard(views)
  const notShared = new Set([...NOT_SHARED, ...alone.map(viewName)])
  const statements = tables.flatMap(({ database, name, engine }) => {
    if (notShared.has(name)) return []
    if (database === databases.first) return [distributed(name, cluster, databases.first, '0')]
    if (database !== databases.shard || engine === 'Distributed') return []
    const isOfCalls = engine !== 'View' && placementOf(name) === 'call'
    return [
      distributed(
        name,
        cluster,
        databases.shard,
        isOfCalls ? key.replaceAll('record_id', idColumnOf(name)) : null,
      ),
    ]
  })
  const ownViews = alone.flatMap(({ sql }) => splitStatements(sql))
  await replaceOnce(
    whole,
    shardTables,
    'whole_tables',
    [...statements, QUARTERS_ROLLED, ...ownViews],
    [...migrations, ...views],
  )
}

interface DistributedOptions {
  readonly cluster: string
  /** Of tables of calls, over `record_id`. */
  readonly key: string
  readonly migrations: readonly Migration[]
  readonly views: readonly Migration[]
}

function distributed(name: string, cluster: string, database: string, key: string | null): string {
  const parameters = [quoted(cluster), quoted(database), quoted(name), ...(key ? [key] : [])]
  return `CREATE OR REPLACE TABLE ${name} AS ${database}.${name} ENGINE = Distributed(${parameters.join(', ')})`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** They hold nothing, so each is replaced; but only where one of them, or a column, may differ. */
async function replaceOnce(
  client: StoreClient,
  notes: StoreClient,
  name: string,
  statements: readonly string[],
  scripts: readonly Migration[],
): Promise<void> {
  const sum = checksum([...statements, ...scripts.map(({ sql }) => sql)].join('\n'))
  if ((await readApplied(notes)).get(name) === sum) return
  for (const sql of statements) await client.run({ tag: `migrate:${name}`, sql })
  await rememberApplied(notes, name, sum)
}
