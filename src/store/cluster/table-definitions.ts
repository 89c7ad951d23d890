import { randomBytes } from 'node:crypto'
import type { Migration } from '../client/applied-migrations.ts'
import { createStoreClient } from '../client/client.ts'
import { apply } from '../client/migrate.ts'
import type { ClusterServer } from './cluster-server.ts'

export interface TableDefinition {
  readonly name: string
  /** Engine, sorting key, settings: all that follows ENGINE. */
  readonly engine: string
}

/** What is left of a migrator that died is not touched any more after this. */
const LEFT_BEHIND_SECONDS = 3_600

/**
 * What all migrations together make of each table. They run on a database that holds nothing, and
 * is gone afterwards: a new replica must begin with the columns that the others have now, and
 * cannot go their way through every ALTER. While `work` runs, the tables are in the database
 * `scratch`.
 */
export async function withDefinitions<T>(
  server: ClusterServer,
  migrations: readonly Migration[],
  work: (scratch: string, definitions: readonly TableDefinition[]) => Promise<T>,
): Promise<T> {
  const prefix = `${server.databases.whole}_scratch_`
  await dropLeftBehind(server, prefix)
  const name = `${prefix}${Math.floor(Date.now() / 1_000)}_${randomBytes(4).toString('hex')}`
  const scratch = createStoreClient({ ...server.endpoint, database: name, name: server.name })
  try {
    await scratch.ensureDatabase()
    for (const migration of migrations) await apply(scratch, migration, { remember: false })
    const rows = await scratch.rows({
      tag: 'cluster:definitions',
      sql: 'SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() ORDER BY name',
    })
    return await work(
      name,
      rows.map((row) => ({ name: String(row.name), engine: String(row.engine_full) })),
    )
  } finally {
    await scratch.close()
    await dropDatabase(server, name)
  }
}

async function dropLeftBehind(server: ClusterServer, prefix: string): Promise<void> {
  const rows = await server.shardTables.rows({
    tag: 'cluster:left-behind',
    sql: 'SELECT name FROM system.databases WHERE startsWith(name, {prefix:String})',
    params: { prefix },
  })
  for (const { name } of rows) {
    const madeAt = Number(String(name).slice(prefix.length).split('_')[0])
    if (Date.now() / 1_000 - madeAt > LEFT_BEHIND_SECONDS) await dropDatabase(server, String(name))
  }
}

/** `name`: a plain identifier. */
function dropDatabase({ shardTables }: ClusterServer, name: string): Promise<void> {
  return shardTables.run({ tag: 'cluster:scratch', sql: `DROP DATABASE IF EXISTS ${name}` })
}

/**
 * The same engine, replicated among the servers that have the same macro {shard}; each has its own
 * macro {replica}.
 */
export function replicatedEngine(engine: string, database: string, table: string): string {
  return engine.replace(
    /^(\w*MergeTree)(?:\(([^()]*)\))?/,
    (_, name: string, parameters: string | undefined) =>
      `Replicated${name}(${[
        `'/clickhouse/tables/{shard}/${database}/${table}'`,
        `'{replica}'`,
        ...(parameters ? [parameters] : []),
      ].join(', ')})`,
  )
}
