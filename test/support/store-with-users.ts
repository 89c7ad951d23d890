import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { createStoreClient, type StoreClient } from '../../src/store/client/client.ts'
import { migrate } from '../../src/store/client/migrate.ts'
import { prepareEmbedded } from '../../src/store/embedded/clickhouse.ts'
import type { StoreEndpoint } from '../../src/store/embedded/credentials.ts'
import { freePort } from '../../src/store/embedded/free-port.ts'
import { connectAsUser, type UserConnection } from '../../src/store/sql-users/ask-as-user.ts'
import { DEFAULT_LIMITS, type Limits } from '../../src/store/sql-users/limits.ts'
import { identifier } from '../../src/store/sql-users/quoting.ts'
import { rightsOf, type UserRights } from '../../src/store/sql-users/rights.ts'
import type { SqlUser } from '../../src/store/sql-users/sql-user.ts'
import { createDatabase, prepareViews } from '../../src/store/sql-users/statements.ts'
import { renderUsersFile } from '../../src/store/sql-users/users-file.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { until } from './until.ts'

/** Of every user of the store. */
export const USER_PASSWORD = 'an analyst'

interface UserOfStore extends SqlUser {
  /** Default: those of every user. */
  readonly limits?: Limits
}

export interface StoreWithUsers {
  readonly endpoint: StoreEndpoint
  readonly administrator: StoreClient
  connect(name: string, password?: string): UserConnection
  stop(): Promise<void>
}

/**
 * A migrated embedded ClickHouse with users. They are in its configuration, because it makes none
 * while it runs; their views are made with the statements for a server.
 */
export async function startStoreWithUsers(users: readonly UserOfStore[]): Promise<StoreWithUsers> {
  const dir = temporaryDirectory()
  const { command, args, ...endpoint } = prepareEmbedded({ dir, port: await freePort() })
  const rights = users.map((user) => rightsOf(user, 'flint'))
  edit(path.join(dir, 'users.xml'), (file) => withUsers(file, users, rights))
  // A server's own configuration has it.
  edit(path.join(dir, 'server.xml'), (file) =>
    file.replace(
      '<access_control_improvements>',
      '<access_control_improvements><settings_constraints_replace_previous>true</settings_constraints_replace_previous>',
    ),
  )
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  const outside = createStoreClient({ ...endpoint, database: 'default' })
  await until('the engine', 30_000, () => outside.ping())
  await outside.close()
  const administrator = createStoreClient(endpoint)
  await migrate({ client: administrator })
  for (const user of rights)
    for (const { doing, sql } of [
      createDatabase(user),
      ...prepareViews(user, DEFAULT_LIMITS, () => ''),
    ])
      if (doing === 'create-database' || doing === 'create-view')
        await administrator.run({ tag: doing, sql })

  const connections: UserConnection[] = []
  return {
    endpoint,
    administrator,
    connect(username, password = USER_PASSWORD) {
      const { url, headers } = endpoint
      const database = `flint_${username}`
      const connection = connectAsUser({ url, headers, username, password, database })
      connections.push(connection)
      return connection
    },
    async stop() {
      await Promise.all([administrator, ...connections].map((open) => open.close()))
      await end(child)
    },
  }
}

function edit(file: string, change: (text: string) => string): void {
  fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')))
}

function withUsers(
  file: string,
  users: readonly UserOfStore[],
  rights: readonly UserRights[],
): string {
  const hash = createHash('sha256').update(USER_PASSWORD).digest('hex')
  const rendered = rights.map((each, at) =>
    renderUsersFile(each, users[at]?.limits ?? DEFAULT_LIMITS, hash),
  )
  const part = (name: 'profiles' | 'quotas' | 'users') =>
    rendered.map((each) => each[name]).join('\n')
  const administration = rights.flatMap(({ viewDatabase, views }) => [
    `GRANT SELECT, INSERT, CREATE VIEW, DROP VIEW, CREATE TABLE, DROP TABLE ON ${identifier(viewDatabase)}.*`,
    ...views.map(({ definer }) => `GRANT SET DEFINER ON ${identifier(definer)}`),
  ])
  return file
    .replace('</profiles>', `${part('profiles')}</profiles>`)
    .replace('<quotas><default/>', `<quotas><default/>${part('quotas')}`)
    .replace('</users>', `${part('users')}</users>`)
    .replace(
      '<grants>\n',
      `<grants>\n${administration.map((sql) => `<query>${sql}</query>`).join('\n')}\n`,
    )
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  await gone
}
