import { ConfigError } from '../config/config-error.ts'
import { SqlUserError } from '../identity/sql-user-admin.ts'
import { StoreError } from '../store/client/store-error.ts'
import { administratorGrants } from '../store/sql-users/administrator-grants.ts'
import { viewDatabase } from '../store/sql-users/sql-user.ts'
import type { SqlServer } from './sql-administrator.ts'

/** Codes of ClickHouse, and what an operator can do about them. */
const UNKNOWN_DATABASE = 81
const DATABASE_EXISTS = 82
const UNKNOWN_USER = 192
const USER_EXISTS = 493
const STORAGE_READONLY = 495
const DENIED = 497
const NO_STORAGE = 514
const WRONG_PASSWORD = [193, 194, 516]

/** An error of `npx flint sql users` with what can be done about it; any other as it is. */
export function explained(error: unknown, name: string, server: SqlServer): unknown {
  if (error instanceof StoreError) return new ConfigError(error.message, 'clickhouse.url')
  if (!(error instanceof SqlUserError)) return error
  if (error.why === 'other_organisation')
    return new ConfigError(`${error.message}: remove it first, or choose another name`, 'org')
  if (error.why === 'hides_rows')
    return new ConfigError(
      'on this server a row policy for one user hides the rows from all others, and Flint would ' +
        'find its records gone: set access_control_improvements.' +
        'users_without_row_policies_can_read_rows to true. Nothing was changed',
      'clickhouse.url',
    )
  return new ConfigError(`${error.message}. ${adviceFor(error, name, server)}`, 'clickhouse.url')
}

function adviceFor({ code, step }: SqlUserError, name: string, server: SqlServer): string {
  if (code === DENIED) return grantsFor(name, server, step?.right ?? '')
  if (code === DATABASE_EXISTS || code === USER_EXISTS)
    return (
      `The server has a user ${name} or a database ${viewDatabase(server.database, name)} that ` +
      'Flint did not make: choose another name, or drop it there'
    )
  if (code === UNKNOWN_USER || code === UNKNOWN_DATABASE)
    return `${name} was changed on the server: remove it here, and add it again`
  if (code === STORAGE_READONLY || code === NO_STORAGE)
    return 'The server keeps its users in files alone: give it a local_directory in user_directories'
  if (code !== null && WRONG_PASSWORD.includes(code))
    return `It did not let ${server.adminUsername} in: see clickhouse.adminPassword`
  if (code !== null && step?.doing === 'create-profile')
    return (
      'Profiles need access_control_improvements.settings_constraints_replace_previous = true, ' +
      'as the configuration that comes with ClickHouse has it'
    )
  return 'Nothing of a new user was left; one that was there may need this command again'
}

function grantsFor(name: string, server: SqlServer, right: string): string {
  return [
    `${server.adminUsername} lacks a right (${right}). Either set clickhouse.adminUsername and ` +
      '.adminPassword (FLINT_CLICKHOUSE_ADMIN_USERNAME, FLINT_CLICKHOUSE_ADMIN_PASSWORD) to an ' +
      'administrator of the server, or let one run what --print prints, or these grants:',
    ...administratorGrants(server.adminUsername, server.database, name).map((sql) => `  ${sql};`),
  ].join('\n')
}
