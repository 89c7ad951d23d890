import { ConfigError } from '../config/config-error.ts'
import type { Config } from '../config/schema.ts'
import { createStoreClient, type StoreClient } from '../store/client/client.ts'

/** The ClickHouse server that users are made on. */
export interface SqlServer {
  readonly url: string
  readonly database: string
  readonly adminUsername: string
  readonly adminPassword: string
}

/** Throws ConfigError where Flint has its own, embedded engine. */
export function serverOf({ clickhouse }: Pick<Config, 'clickhouse'>): SqlServer {
  const { url, database, username, password, adminUsername, adminPassword } = clickhouse
  if (url === undefined)
    throw new ConfigError(
      'the embedded ClickHouse has no users for others: it makes none while it runs, and its ' +
        'function file() reads all that the engine can read, whatever a user is granted. Give ' +
        'them the API or an export, or set clickhouse.url (FLINT_CLICKHOUSE_URL) to a server of ' +
        'your own (docs/sql.md)',
      'clickhouse.url',
    )
  // Half of a pair would try Flint's password for another user.
  if ((adminUsername === undefined) !== (adminPassword === undefined))
    throw new ConfigError(
      'clickhouse.adminUsername (FLINT_CLICKHOUSE_ADMIN_USERNAME) and clickhouse.adminPassword ' +
        '(FLINT_CLICKHOUSE_ADMIN_PASSWORD) go together: set both or neither',
      'clickhouse.adminUsername',
    )
  return {
    url,
    database,
    adminUsername: adminUsername ?? username,
    adminPassword: adminPassword ?? password ?? '',
  }
}

export function connectAdministrator(server: SqlServer): StoreClient {
  const { url, database, adminUsername: username, adminPassword: password } = server
  return createStoreClient({ url, username, password, headers: {}, database })
}
