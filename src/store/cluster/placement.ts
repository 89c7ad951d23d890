import type { Migration } from '../client/applied-migrations.ts'
import { splitStatements } from '../client/sql-statements.ts'

/**
 * Where the rows of a table are kept in a cluster:
 * - `call`: all rows of a call (or of a connection that nothing could read) on one shard, which its
 *   id decides;
 * - `shard`: each shard has its own, made of the calls that it has, written there and nowhere else;
 * - `first`: on the first shard, whatever they are about. A batch of them is stored whole or not at
 *   all, a newer row replaces the older one, and they are few.
 */
export type Placement = 'call' | 'shard' | 'first'

const PLACEMENTS: Readonly<Record<string, Placement>> = {
  evidence: 'call',
  calls_settled: 'call',
  connections: 'call',
  settlement: 'shard',
  calls_quarter: 'shard',
  calls_hour: 'shard',
  quarters_rolled: 'shard',
}

export function placementOf(table: string): Placement {
  return PLACEMENTS[table] ?? 'first'
}

/** By which column rows of the placement `call` are spread. */
export function idColumnOf(table: string): string {
  return table === 'connections' ? 'connection_id' : 'record_id'
}

/** Views are files `NN_name.sql`. */
export function viewName({ name }: Migration): string {
  return name.replace(/^\d+_/, '')
}

/**
 * Those views that read no table of calls, of all views in their order: on every shard they show
 * the same rows.
 */
export function viewsOfFirstShard(views: readonly Migration[]): readonly Migration[] {
  const ofCalls = new Set(Object.keys(PLACEMENTS))
  return views.filter((view) => {
    const [statement = ''] = splitStatements(view.sql)
    const isOfCalls = (statement.match(/\w+/g) ?? []).some((name) => ofCalls.has(name))
    if (isOfCalls) ofCalls.add(viewName(view))
    return !isOfCalls
  })
}

/**
 * The databases of each server. `whole` is what Flint and people ask: a Distributed table for each
 * table and view. `shard` has the tables of calls, and the views over them; the other tables are
 * seen in it too. `first` has those others: rows are in it on the first shard alone.
 */
export function databasesOf(database: string) {
  return { whole: database, shard: `${database}_shard`, first: `${database}_first` } as const
}
export type Databases = ReturnType<typeof databasesOf>
