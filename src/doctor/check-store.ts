import { newOf, readApplied } from '../store/client/applied-migrations.ts'
import type { StoreClient } from '../store/client/client.ts'
import { readMigrations } from '../store/client/migrate.ts'
import { createSettingsSeen } from '../store/identity/settings-seen.ts'
import { checkClock } from './check-machine.ts'
import { type Finding, ok, problem, unknown, warning } from './finding.ts'

/** Of ClickHouse what Flint has been tested with; older ones lack functions that it asks for. */
const OLDEST_TESTED = '26.7'
/** What was said to be kept stands in these, and nowhere else once the spool has let it go. */
const DURABLE_TABLES = ['evidence', 'identity_events']

/**
 * ClickHouse: whether it is there, what it is, whether its tables fit, whether it writes durably.
 */
export async function checkStore(store: StoreClient): Promise<readonly Finding[]> {
  if (!(await store.ping()))
    return [
      problem(
        'clickhouse.reachable',
        'ClickHouse does not answer',
        'start Flint, or look at clickhouse.url and its password; evidence waits in the spool meanwhile',
      ),
    ]
  const asked = await Promise.allSettled(
    [version, clock, tables, durability, peppers].map((check) => check(store)),
  )
  return [
    ok('clickhouse.reachable', `the database ${store.database} answers`),
    ...asked.map((answer) =>
      answer.status === 'fulfilled' ? answer.value : notAnswered(answer.reason),
    ),
  ]
}

function notAnswered(reason: unknown): Finding {
  const found = reason instanceof Error ? reason.message : 'a question was not answered'
  return found.includes('ACCESS_DENIED')
    ? problem('clickhouse.rights', found, 'grant it to the user of clickhouse.username')
    : unknown('clickhouse.answers', found, 'ask again when ClickHouse has less to do')
}

async function version(store: StoreClient): Promise<Finding> {
  const [row] = await store.rows({ tag: 'doctor', sql: 'SELECT version() AS version' })
  const running = String(row?.version)
  const number = (text: string) => {
    const [major, minor] = text.split('.').map(Number)
    return (major ?? 0) * 100 + (minor ?? 0)
  }
  return number(running) < number(OLDEST_TESTED)
    ? warning(
        'clickhouse.version',
        `ClickHouse ${running}; Flint is tested with ${OLDEST_TESTED}`,
        `use ${OLDEST_TESTED} or newer`,
      )
    : ok('clickhouse.version', `ClickHouse ${running}`)
}

async function clock(store: StoreClient): Promise<Finding> {
  const before = Date.now()
  const [row] = await store.rows({
    tag: 'doctor',
    sql: 'SELECT toUnixTimestamp64Milli(now64(3)) AS ms',
  })
  const after = Date.now()
  return checkClock((before + after) / 2 - Number(row?.ms), (after - before) / 2)
}

async function tables(store: StoreClient): Promise<Finding> {
  const known = readMigrations()
  const applied = await readApplied(store)
  const missing = newOf(known, applied)
  const newest = known.at(-1)?.name ?? ''
  const newer = [...applied.keys()].filter((name) => /^\d{3}_/.test(name) && name > newest)
  if (newer.length > 0)
    return problem(
      'clickhouse.tables',
      `a newer Flint has been here: ${newer.join(', ')}`,
      'bring this Flint to that version; see "Upgrading" in docs/operations.md',
    )
  return missing.length > 0
    ? problem(
        'clickhouse.tables',
        `${missing.length} migrations have not run: ${missing.map(({ name }) => name).join(', ')}`,
        '`npx flint migrate`, or restart `npx flint up`',
      )
    : ok('clickhouse.tables', `the tables are those of this version (${newest})`)
}

/**
 * Whether a row that was acknowledged outlives a loss of power: each table's own setting says so.
 */
async function durability(store: StoreClient): Promise<Finding> {
  const rows = await store.rows({
    tag: 'doctor',
    sql: `SELECT name, position(engine_full, 'fsync_after_insert = 1') > 0 AS is_durable FROM system.tables
      WHERE database = {database:String} AND name IN {names:Array(String)}`,
    params: { database: store.database, names: DURABLE_TABLES },
  })
  const loose = rows.filter(({ is_durable }) => Number(is_durable) === 0)
  if (rows.length === 0)
    return unknown('clickhouse.durable', 'the tables of evidence are not in this database')
  return loose.length === 0
    ? ok('clickhouse.durable', 'what ClickHouse has acknowledged is on its disk')
    : warning(
        'clickhouse.durable',
        `${loose.map(({ name }) => name).join(', ')}: acknowledged rows may be lost with the power`,
        'ALTER TABLE … MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1',
      )
}

/** Gates with another pepper refuse the keys that this one makes. */
async function peppers(store: StoreClient): Promise<Finding> {
  const gates = await createSettingsSeen(store).peppers()
  if (gates.length === 0) return unknown('pepper', 'no gate said anything in the last 30 minutes')
  return new Set(gates.map(({ pepper }) => pepper)).size > 1
    ? problem(
        'pepper',
        `gates run under different peppers: ${gates.map(({ gate, pepper }) => `${gate} ${pepper}`).join(', ')}`,
        'give all replicas one keyPepper (FLINT_KEY_PEPPER): each refuses the keys of the others',
      )
    : ok('pepper', `gates of the last 30 minutes: ${gates.length}, all under one pepper`)
}
