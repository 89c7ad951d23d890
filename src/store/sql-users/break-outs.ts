import { PROMPT_COLUMNS } from '../calls/export-columns.ts'
import { BEYOND_THE_VIEWS, CHANGES, type Forbidden, FUNCTIONS, SYSTEM_TABLES } from './forbidden.ts'
import type { Limits } from './limits.ts'
import { literal } from './quoting.ts'
import { type SqlUser, viewDatabase } from './sql-user.ts'

/** One attempt of a user to do more than it may, or to be held where it may not be. */
export interface Attempt {
  readonly sql: string
  readonly settings?: Readonly<Record<string, string>>
  /** How it must end: refused with one of these codes, or answered with this, tabs between. */
  readonly expected: { readonly codes: readonly number[] } | { readonly rows: string }
}

const READONLY = 164
const OUT_OF_RANGE = 452
const UNKNOWN_IDENTIFIER = 47

/**
 * What `npx flint sql users verify` tries, and the tests of this folder. No attempt does harm where
 * it is not refused: it names nothing that is there, changes no row, and asks for little.
 */
export function breakOuts(user: SqlUser, database: string, limits: Limits): readonly Attempt[] {
  const own = viewDatabase(database, user.name)
  const names: Readonly<Record<string, string>> = { flint: database, own, user: user.name }
  const named = (sql: string) =>
    sql.replaceAll(/<(\w+)>/g, (whole, name: string) => names[name] ?? whole)
  const forbidden = (list: readonly Forbidden[]): Attempt[] =>
    list.map(([sql, ...codes]) => ({ sql: named(sql), expected: { codes } }))
  return [
    ...whatItReads(user, own),
    ...whatHoldsIt(limits),
    ...forbidden([...BEYOND_THE_VIEWS, ...SYSTEM_TABLES, ...FUNCTIONS, ...CHANGES]),
    ...pushedIntoViews(database, own),
  ]
}

/** Its own organisation, and of it no more than was meant. */
function whatItReads({ org, prompts }: SqlUser, own: string): Attempt[] {
  const other = `org != ${literal(org)}`
  const views = ['calls', 'identity_events']
  const ofPrompts = PROMPT_COLUMNS.map((column): Attempt => {
    const sql = `SELECT count() FROM ${own}.calls WHERE ${column} = '' AND NOT (${column} = '')`
    return { sql, expected: prompts ? { rows: '0' } : { codes: [UNKNOWN_IDENTIFIER] } }
  })
  return [
    ...views.map((view) => ({
      sql: `SELECT count() FROM ${own}.${view} WHERE ${other}`,
      expected: { rows: '0' },
    })),
    // A condition that fails on a row it should not see says that the row is there.
    ...views.map((view) => ({
      sql: `SELECT count() FROM ${own}.${view} WHERE throwIf(${other})`,
      expected: { rows: '0' },
    })),
    {
      sql: `SELECT state FROM ${own}.identity_events LIMIT 0`,
      expected: { codes: [UNKNOWN_IDENTIFIER] },
    },
    ...ofPrompts,
    {
      sql: "SELECT count() > 1 FROM system.tables WHERE database NOT IN ('system', currentDatabase())",
      expected: { rows: '0' },
    },
    {
      sql: "SELECT count() > 0 FROM system.columns WHERE database NOT IN ('system', currentDatabase())",
      expected: { rows: '0' },
    },
  ]
}

/** Its profile and quota are in force, and it cannot loosen them. */
function whatHoldsIt({ settings, quota }: Limits): Attempt[] {
  const set = settings.filter(({ value }) => value !== null)
  const refused = (name: string, value: string, ...codes: number[]): Attempt => ({
    sql: 'SELECT 1',
    settings: { [name]: value },
    expected: { codes },
  })
  return [
    ...set.map(({ name, value }) => ({
      sql: `SELECT getSetting('${name}') = ${typeof value === 'string' ? literal(value) : value}`,
      expected: { rows: '1' },
    })),
    {
      sql: `SELECT ${Object.keys(quota)
        .map((what) => `min(max_${what}) <= ${quota[what]}`)
        .join(', ')} FROM system.quota_usage`,
      expected: {
        rows: Object.keys(quota)
          .map(() => '1')
          .join('\t'),
      },
    },
    ...set
      .filter(({ client }) => client === 'lower')
      .flatMap(({ name, value }) => [
        refused(name, String(Number(value) + 1), OUT_OF_RANGE),
        refused(name, '0', OUT_OF_RANGE),
      ]),
    refused('readonly', '0', READONLY, OUT_OF_RANGE),
    refused('readonly', '2', READONLY, OUT_OF_RANGE),
    refused('max_memory_usage_for_user', '0', READONLY, OUT_OF_RANGE),
    refused('max_untracked_memory', '1000000000000', READONLY),
    refused('timeout_overflow_mode', 'break', READONLY, OUT_OF_RANGE),
    refused('log_queries', '0', READONLY, OUT_OF_RANGE),
    refused('profile', 'default', READONLY, OUT_OF_RANGE),
  ]
}

/** Settings that take a query's own filters, or another order, into what a view reads. */
function pushedIntoViews(database: string, own: string): Attempt[] {
  const filter = (table: string, condition: string) =>
    `{'${database}.${table}': '${condition.replaceAll("'", "\\'")}'}`
  const pushed = (view: string, settings: Attempt['settings']): Attempt => ({
    sql: `SELECT count() FROM ${own}.${view}`,
    settings: { ...settings },
    expected: { codes: [READONLY] },
  })
  const secrets = `(SELECT count() FROM ${database}.evidence) > 0`
  return [
    pushed('identity_events', {
      additional_table_filters: filter('identity_events', "state LIKE '%a%'"),
    }),
    pushed('identity_events', { additional_table_filters: filter('identity_events', secrets) }),
    pushed('calls', { additional_table_filters: filter('calls_settled', secrets) }),
    pushed('calls', {
      additional_table_filters: filter('calls_settled', "prompt_preview LIKE '%a%'"),
    }),
    pushed('calls', { additional_result_filter: secrets }),
    pushed('calls', { parallel_replicas_custom_key: secrets }),
    pushed('calls', { enable_analyzer: '0' }),
    pushed('calls', { send_logs_level: 'trace' }),
  ]
}
