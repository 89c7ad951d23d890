import {
  checksum,
  type Migration,
  MigrationError,
  migrationFailed,
  newOf,
  readApplied,
  rememberApplied,
} from '../client/applied-migrations.ts'
import type { StoreClient } from '../client/client.ts'
import { splitStatements } from '../client/sql-statements.ts'
import { StoreError } from '../client/store-error.ts'
import { type ClusterServer, tablesOn } from './cluster-server.ts'
import { placementOf } from './placement.ts'
import { replicatedEngine, withDefinitions } from './table-definitions.ts'

const CHANGING_ELSEWHERE = 517
const MOST_TRIES = 10
const WAIT_MS = 300

/**
 * Brings the tables of one server to the newest migration; resolves to the names of those that it
 * ran. A table that is not there is made as all migrations together make it, others get each
 * statement, on the database that the table is in.
 */
export async function migrateTables(
  server: ClusterServer,
  migrations: readonly Migration[],
  replicated: boolean,
): Promise<readonly string[]> {
  for (const client of [server.whole, server.shardTables, server.firstTables])
    await client.ensureDatabase()
  const applied = await readApplied(server.shardTables)
  await keepShardNumber(server, applied)
  const fresh = newOf(migrations, applied)
  if (fresh.length === 0) return []
  const { made, known } = await makeTables(server, migrations, replicated)
  for (const { name, sql } of fresh) {
    for (const statement of splitStatements(sql)) {
      const table = tableOf(name, statement)
      // What was made just now is as all migrations make it; what none of them leaves is gone.
      if (made.has(table) || !known.has(table) || statement.startsWith('CREATE TABLE')) continue
      await change(clientFor(server, table), name, statement)
    }
    await rememberApplied(server.shardTables, name, checksum(sql))
  }
  return fresh.map(({ name }) => name)
}

/** Servers in another order would look for records where they are not. */
async function keepShardNumber(
  { shardTables, shard, name }: ClusterServer,
  applied: ReadonlyMap<string, string>,
): Promise<void> {
  const was = applied.get('shard')
  if (was === undefined) await rememberApplied(shardTables, 'shard', String(shard))
  else if (was !== String(shard))
    throw new MigrationError(
      `${name} was in shard ${was} and is in shard ${shard} now: keep the order of the shards in remote_servers, and add new ones at its end`,
    )
}

async function makeTables(
  server: ClusterServer,
  migrations: readonly Migration[],
  replicated: boolean,
) {
  const there = new Set((await tablesOn(server)).map(({ database, name }) => `${database}.${name}`))
  return withDefinitions(server, migrations, async (scratch, definitions) => {
    const made = new Set<string>()
    const known = new Set(definitions.map(({ name }) => name))
    for (const { name, engine } of definitions) {
      const client = clientFor(server, name)
      if (there.has(`${client.database}.${name}`)) continue
      const own = replicated ? replicatedEngine(engine, client.database, name) : engine
      await client.run({
        tag: `migrate:table:${name}`,
        sql: `CREATE TABLE IF NOT EXISTS ${name} AS ${scratch}.${name} ENGINE = ${own}`,
      })
      made.add(name)
    }
    return { made, known }
  })
}

function clientFor(server: ClusterServer, table: string): StoreClient {
  return placementOf(table) === 'first' ? server.firstTables : server.shardTables
}

function tableOf(migration: string, statement: string): string {
  const table =
    /^(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE|INSERT INTO|DROP TABLE IF EXISTS)\s+`?(\w+)/.exec(
      statement,
    )?.[1]
  if (table === undefined)
    throw new MigrationError(`Migration ${migration} has a statement that names no table`)
  return table
}

/** Repeated where another replica of the table is being changed at this moment. */
async function change(client: StoreClient, migration: string, sql: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await client.run({ tag: `migrate:${migration}`, sql })
    } catch (cause) {
      const isPassing = cause instanceof StoreError && cause.code === CHANGING_ELSEWHERE
      if (!isPassing || tries === MOST_TRIES) throw migrationFailed(migration, cause)
      await new Promise((wake) => setTimeout(wake, WAIT_MS))
    }
  }
}
