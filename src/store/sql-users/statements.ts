import type { Limits } from './limits.ts'
import { identifier, literal, nameList } from './quoting.ts'
import type { UserRights, ViewRights } from './rights.ts'

/** One statement of an administrator. */
export interface Step {
  /** Tag of the statement, and its name in an error. */
  readonly doing: string
  /** The right it needs, as GRANT names it. */
  readonly right: string
  readonly sql: string
}

/** Hex of SHA-256: ClickHouse and its query log never see a password. */
type PasswordHash = string

/** The user that a person logs in as; it may read nothing yet. Refused where the name is taken. */
export function createUser({ user, viewDatabase }: UserRights, hash: PasswordHash): Step {
  return {
    doing: 'create-user',
    right: 'CREATE USER',
    sql: `CREATE USER ${identifier(user)} IDENTIFIED WITH sha256_hash BY ${literal(hash)}
DEFAULT DATABASE ${identifier(viewDatabase)}`,
  }
}

/** The database of its views; refused where there is one of that name. */
export function createDatabase({ viewDatabase }: UserRights): Step {
  return {
    doing: 'create-database',
    right: 'CREATE DATABASE',
    sql: `CREATE DATABASE ${identifier(viewDatabase)}`,
  }
}

/**
 * Says whether a row policy for one user would hide the rows from all others, Flint among them, as
 * on a server whose `users_without_row_policies_can_read_rows` is false: `select` gives no row then.
 */
export function policyProbe({ user, viewDatabase }: UserRights): {
  readonly before: readonly Step[]
  readonly select: string
  readonly after: readonly Step[]
} {
  const probe = `${identifier(viewDatabase)}.row_policy_probe`
  const step = (right: string, sql: string): Step => ({ doing: 'probe-row-policy', right, sql })
  const policy = `${identifier(user)} ON ${probe}`
  return {
    before: [
      step('CREATE VIEW', `CREATE VIEW ${probe} AS SELECT 1 AS n`),
      step(
        'CREATE ROW POLICY',
        `CREATE ROW POLICY ${policy} AS RESTRICTIVE FOR SELECT USING 1 TO ${identifier(user)}`,
      ),
    ],
    select: `SELECT n FROM ${probe}`,
    after: [
      step('DROP ROW POLICY', `DROP ROW POLICY ${policy}`),
      step('DROP VIEW', `DROP VIEW ${probe}`),
    ],
  }
}

/**
 * Definers, row policies, views, limits: all that must stand before the user may read. Each can be
 * repeated. `newHash`: of a password that is thrown away, for users that never log in.
 */
export function prepareViews(
  { user, viewDatabase, views }: UserRights,
  limits: Limits,
  newHash: () => PasswordHash,
): readonly Step[] {
  return [
    ...views.flatMap((view) => prepareView(view, viewDatabase, newHash())),
    {
      doing: 'create-profile',
      right: 'CREATE SETTINGS PROFILE, DROP SETTINGS PROFILE',
      sql: `CREATE SETTINGS PROFILE OR REPLACE ${identifier(user)} SETTINGS
    ${limits.settings.map(asSetting).join(',\n    ')}
TO ${identifier(user)}`,
    },
    {
      doing: 'create-quota',
      right: 'CREATE QUOTA, DROP QUOTA',
      sql: `CREATE QUOTA OR REPLACE ${identifier(user)} KEYED BY user_name FOR INTERVAL 1 hour
MAX
${nameList(Object.entries(limits.quota).map(([what, most]) => `${what} = ${most}`))}
TO ${identifier(user)}`,
    },
  ]
}

function prepareView(view: ViewRights, database: string, hash: PasswordHash): readonly Step[] {
  const definer = identifier(view.definer)
  const grants = view.reads.map(
    (read) => `SELECT (\n${nameList(read.columns)}\n) ON ${read.database}.${read.table}`,
  )
  return [
    {
      doing: 'create-definer',
      right: 'CREATE USER',
      sql: `CREATE USER IF NOT EXISTS ${definer} IDENTIFIED WITH sha256_hash BY ${literal(hash)}
HOST NONE`,
    },
    ...view.reads.flatMap(({ table, database: from, rows }) =>
      rows === null
        ? []
        : [
            {
              doing: 'create-row-policy',
              right: 'CREATE ROW POLICY, DROP ROW POLICY',
              sql: `CREATE ROW POLICY OR REPLACE ${definer} ON ${from}.${table}
AS RESTRICTIVE FOR SELECT USING ${rows} TO ${definer}`,
            },
          ],
    ),
    {
      doing: 'grant-definer',
      right: 'SELECT WITH GRANT OPTION',
      sql: `GRANT ${grants.join(', ')}\nTO ${definer} WITH REPLACE OPTION`,
    },
    {
      doing: 'create-view',
      right: 'CREATE VIEW, DROP VIEW, CREATE TABLE, DROP TABLE, INSERT, SET DEFINER',
      sql: `CREATE OR REPLACE VIEW ${identifier(database)}.${view.name}
DEFINER = ${definer} SQL SECURITY DEFINER AS
SELECT
${nameList(view.columns)}
FROM ${view.from} WHERE ${view.rows}`,
    },
  ]
}

/** From now on the user reads its views, and no more than them. */
export function grantViews({ user, viewDatabase, views }: UserRights): Step {
  const grants = views.map(({ name }) => `SELECT ON ${identifier(viewDatabase)}.${name}`)
  return {
    doing: 'grant-views',
    right: 'SELECT WITH GRANT OPTION',
    sql: `GRANT ${grants.join(', ')}\nTO ${identifier(user)} WITH REPLACE OPTION`,
  }
}

export function dropDatabase({ viewDatabase }: UserRights): Step {
  return {
    doing: 'drop-database',
    right: 'DROP DATABASE',
    sql: `DROP DATABASE IF EXISTS ${identifier(viewDatabase)} SYNC`,
  }
}

/** Takes all of it away, the user first; can be repeated. */
export function removeUser(rights: UserRights): readonly Step[] {
  const { user, views } = rights
  const dropUser = (name: string): Step => ({
    doing: 'drop-user',
    right: 'DROP USER',
    sql: `DROP USER IF EXISTS ${identifier(name)}`,
  })
  return [
    dropUser(user),
    dropDatabase(rights),
    ...views.map(({ definer }) => dropUser(definer)),
    ...views.flatMap(({ definer, reads }) =>
      reads
        .filter(({ rows }) => rows !== null)
        .map(({ database, table }) => ({
          doing: 'drop-row-policy',
          right: 'DROP ROW POLICY',
          sql: `DROP ROW POLICY IF EXISTS ${identifier(definer)} ON ${database}.${table}`,
        })),
    ),
    {
      doing: 'drop-profile',
      right: 'DROP SETTINGS PROFILE',
      sql: `DROP SETTINGS PROFILE IF EXISTS ${identifier(user)}`,
    },
    {
      doing: 'drop-quota',
      right: 'DROP QUOTA',
      sql: `DROP QUOTA IF EXISTS ${identifier(user)}`,
    },
  ]
}

function asSetting({ name, value, client }: Limits['settings'][number]): string {
  return [
    name,
    ...(value === null ? [] : [`= ${typeof value === 'string' ? literal(value) : value}`]),
    ...(client === 'lower' ? [`MIN 1 MAX ${value}`] : []),
    ...(client === 'nothing' ? ['CONST'] : ['CHANGEABLE_IN_READONLY']),
  ].join(' ')
}
