import { ConfigError } from '../config/config-error.ts'
import { StoreError } from '../store/client/store-error.ts'
import { connectAsUser, type UserConnection } from '../store/sql-users/ask-as-user.ts'
import { type Attempt, breakOuts } from '../store/sql-users/break-outs.ts'
import { DEFAULT_LIMITS } from '../store/sql-users/limits.ts'
import { type SqlUser, viewDatabase } from '../store/sql-users/sql-user.ts'
import { verifyUser } from '../store/sql-users/verify-user.ts'
import { printable } from '../text-table.ts'
import { passwordOfUser } from './password-of-user.ts'
import { say } from './running-flint.ts'
import type { SqlServer } from './sql-administrator.ts'

/** Logs in as the user and prints how each attempt ended; throws where one was not held back. */
export async function verifySqlUser(
  user: SqlUser,
  { url, database }: SqlServer,
  { json }: { readonly json: boolean },
): Promise<void> {
  const username = user.name
  const password = await passwordOfUser(username)
  const own = viewDatabase(database, username)
  const connection = connectAsUser({ url, username, password, database: own })
  try {
    await refuseWithoutLogin(connection, username)
    const attempts = breakOuts(user, database, DEFAULT_LIMITS)
    const failed = await tryAll(connection, attempts, json)
    if (failed > 0)
      throw new ConfigError(
        `${username} is not held back: ${failed} of ${attempts.length} attempts failed the check`,
        'name',
      )
  } catch (error) {
    if (error instanceof StoreError) throw new ConfigError(error.message, 'clickhouse.url')
    throw error
  } finally {
    await connection.close()
  }
}

async function tryAll(connection: UserConnection, attempts: readonly Attempt[], json: boolean) {
  let failed = 0
  for await (const { attempt, passed, outcome } of verifyUser(connection, attempts)) {
    if (!passed) failed += 1
    const line = `${passed ? 'pass' : 'FAIL'}  ${outcome.padEnd(32)}  ${asText(attempt)}`
    say(printable(json ? JSON.stringify({ passed, outcome, ...attempt }) : line))
  }
  if (!json && failed === 0) say(`all ${attempts.length} attempts ended as they should`)
  return failed
}

/** Each attempt would end in the same error, and show nothing. */
async function refuseWithoutLogin(connection: UserConnection, name: string): Promise<void> {
  const answer = await connection.ask('SELECT 1')
  if (!answer.answered)
    throw new ConfigError(
      `ClickHouse did not let ${name} in: ${answer.name} (code ${answer.code})`,
      'password',
    )
}

function asText({ sql, settings = {} }: Attempt): string {
  const set = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const text = sql.replaceAll(/\s+/g, ' ')
  return set.length === 0 ? text : `${text} SETTINGS ${set.join(', ')}`
}
