import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { createSqlUserAdmin, hashOfNoPassword } from '../identity/sql-user-admin.ts'
import type { StoreClient } from '../store/client/client.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import type { SqlUserRow } from '../store/identity/identity-rows.ts'
import { DEFAULT_LIMITS } from '../store/sql-users/limits.ts'
import { rightsOf } from '../store/sql-users/rights.ts'
import {
  isSqlUserName,
  NAME_RULE,
  type SqlUser,
  viewDatabase,
} from '../store/sql-users/sql-user.ts'
import {
  createDatabase,
  createUser,
  grantViews,
  prepareViews,
  removeUser,
  type Step,
} from '../store/sql-users/statements.ts'
import { textTable } from '../text-table.ts'
import { CLI_ACTOR, organisationOf, say, withRunning } from './running-flint.ts'
import { connectAdministrator, serverOf } from './sql-administrator.ts'
import { explained } from './sql-user-errors.ts'
import { verifySqlUser } from './verify-sql-user.ts'

interface Wish {
  readonly org?: string
  readonly prompts?: boolean
  readonly print?: boolean
  readonly json?: boolean
}

/** Stands in printed SQL where the hash of a password goes. */
const HASH_PLACEHOLDER = '<SHA-256 of the password, in hex>'

/** `flint sql users`: users of an external ClickHouse, each of one organisation. */
export function addSqlUserCommands(sql: Command): void {
  const users = sql
    .command('users')
    .description('read-only users of a ClickHouse server of your own, each of one organisation')
  users
    .command('add')
    .description('make one, and show its password this once; of one that is there, renew the views')
    .argument('<name>', NAME_RULE, userName)
    .option('--org <id>', 'organisation; may be left out while there is only one')
    .option('--prompts', 'with previews and hashes of prompts')
    .option('--print', 'print the SQL for an administrator, and run nothing')
    .action((name: string, wish: Wish) => withUsers((here) => add(here, name, wish)))
  users
    .command('list')
    .description('those that are there')
    .option('--org <id>', 'of one organisation')
    .option('--json', 'for programs')
    .action((wish: Wish) => withUsers((here) => list(here, wish)))
  users
    .command('remove')
    .description('take one away, with its views')
    .argument('<name>', 'as `npx flint sql users list` shows it', userName)
    .option('--print', 'print the SQL for an administrator, and run nothing')
    .action((name: string, wish: Wish) => withUsers((here) => remove(here, name, wish)))
  users
    .command('verify')
    .description(
      'log in as one, and try to break out; asks for its password, or reads it from stdin or ' +
        'FLINT_SQL_USER_PASSWORD',
    )
    .argument('<name>', 'its name', userName)
    .option('--org <id>', 'of one that was made with --print')
    .option('--prompts', 'of one that was made with --print --prompts')
    .option('--json', 'one JSON object per attempt')
    .action((name: string, wish: Wish) => withUsers((here) => verify(here, name, wish)))
}

interface Here {
  readonly server: ReturnType<typeof serverOf>
  readonly store: StoreClient
}

const withUsers = (act: (here: Here) => Promise<void>) =>
  withRunning(({ config }, store) => act({ server: serverOf(config), store }))

/** An administrator's connection, for as long as it is needed; errors say what can be done. */
async function withAdmin<Result>(
  { server, store }: Here,
  name: string,
  act: (admin: ReturnType<typeof createSqlUserAdmin>) => Promise<Result>,
): Promise<Result> {
  const client = connectAdministrator(server)
  try {
    const { database } = server
    return await act(createSqlUserAdmin({ log: createIdentityLog(store), client, database }))
  } catch (error) {
    throw explained(error, name, server)
  } finally {
    await client.close()
  }
}

async function add(here: Here, name: string, wish: Wish): Promise<void> {
  const log = createIdentityLog(here.store)
  const org = await organisationOf(wish.org, () => log.listOrganisations())
  const user: SqlUser = { name, org, prompts: wish.prompts === true }
  const { url, database } = here.server
  if (wish.print) {
    const rights = rightsOf(user, database)
    return saySql([
      createDatabase(rights),
      createUser(rights, HASH_PLACEHOLDER),
      ...prepareViews(rights, DEFAULT_LIMITS, hashOfNoPassword),
      grantViews(rights),
    ])
  }
  const password = await withAdmin(here, name, (admin) => admin.add({ ...user, actor: CLI_ACTOR }))
  const reads = `${name} reads ${viewDatabase(database, name)}.calls and .identity_events of ${org}`
  const seen = user.prompts ? ', with previews and hashes of prompts' : ''
  const next = `Check it with \`npx flint sql users verify ${name}\`.`
  say(
    password === null
      ? `${reads}${seen}. Its views, rights and limits were renewed; its password is as before.`
      : `${password}\n\n${reads}${seen}, on ${url}. The password is not shown again. ${next}`,
  )
}

async function list({ store }: Here, { org, json }: Wish): Promise<void> {
  const rows = (await currentUsers(store)).filter((row) => org === undefined || row.org === org)
  if (json) return say(JSON.stringify(rows.map(({ removedAt: _, ...row }) => row)))
  say(
    textTable(
      ['name', 'organisation', 'prompts', 'made'],
      rows.map((row) => [row.name, row.org, row.prompts ? 'yes' : 'no', row.createdAt]),
    ),
  )
}

async function remove(here: Here, name: string, { print }: Wish): Promise<void> {
  if (print) {
    const rights = rightsOf({ name, org: '', prompts: false }, here.server.database)
    return saySql(removeUser(rights))
  }
  const actor = CLI_ACTOR
  if (!(await withAdmin(here, name, (admin) => admin.remove({ name, actor }))))
    throw noSuchUser(name)
  say(`${name} is removed, with its views`)
}

async function verify({ server, store }: Here, name: string, wish: Wish): Promise<void> {
  const user = await userNamed(store, name, wish)
  await verifySqlUser(user, server, { json: wish.json === true })
}

async function userNamed(store: StoreClient, name: string, wish: Wish): Promise<SqlUser> {
  const known = (await currentUsers(store)).find((row) => row.name === name)
  if (known !== undefined) return known
  if (wish.org !== undefined) return { name, org: wish.org, prompts: wish.prompts === true }
  throw noSuchUser(name)
}

async function currentUsers(store: StoreClient): Promise<readonly SqlUserRow[]> {
  const rows = await createIdentityLog(store).listSqlUsers()
  return rows.filter(({ removedAt }) => removedAt === null)
}

function noSuchUser(name: string): ConfigError {
  return new ConfigError(`there is no SQL user ${name}: see \`npx flint sql users list\``, 'name')
}

function saySql(steps: readonly Step[]): void {
  say(steps.map(({ sql }) => `${sql};`).join('\n\n'))
}

function userName(text: string): string {
  if (!isSqlUserName(text)) throw new InvalidArgumentError(`must be ${NAME_RULE}`)
  return text
}
