import { createHash, randomBytes } from 'node:crypto'
import type { StoreClient } from '../store/client/client.ts'
import { StoreError } from '../store/client/store-error.ts'
import type { IdentityEvent } from '../store/identity/identity-event.ts'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { SqlUserRow } from '../store/identity/identity-rows.ts'
import { DEFAULT_LIMITS } from '../store/sql-users/limits.ts'
import { rightsOf, type UserRights } from '../store/sql-users/rights.ts'
import type { SqlUser } from '../store/sql-users/sql-user.ts'
import {
  createDatabase,
  createUser,
  dropDatabase,
  grantViews,
  policyProbe,
  prepareViews,
  removeUser,
  type Step,
} from '../store/sql-users/statements.ts'
import type { EventAction } from './events.ts'

/** Why a user was not made or taken away; nothing of it is left where it was new. */
export class SqlUserError extends Error {
  readonly why: 'other_organisation' | 'hides_rows' | 'refused'
  /** Of `refused`: the statement, and ClickHouse's code. */
  readonly step: Step | null
  readonly code: number | null

  constructor(
    why: SqlUserError['why'],
    message: string,
    { step = null, cause }: { readonly step?: Step | null; readonly cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.name = 'SqlUserError'
    this.why = why
    this.step = step
    this.code = cause instanceof StoreError ? cause.code : null
  }
}

interface SqlUserAdminOptions {
  readonly log: IdentityLog
  /** With the rights of an administrator. */
  readonly client: StoreClient
  /** Flint's own. */
  readonly database: string
  readonly now?: () => Date
}

/** Makes users of an external ClickHouse, and takes them away. Rejects with a SqlUserError. */
export interface SqlUserAdmin {
  /**
   * Of a new user its password: shown this once, stored nowhere. Null of one that was there: its
   * views, rights and limits are made again, and its password stays.
   */
  add(wish: SqlUser & { readonly actor: string }): Promise<string | null>
  /** Those that are there. */
  list(): Promise<readonly SqlUserRow[]>
  /** False where there is none. */
  remove(wish: { readonly name: string; readonly actor: string }): Promise<boolean>
}

export function createSqlUserAdmin({
  log,
  client,
  database,
  now = () => new Date(),
}: SqlUserAdminOptions): SqlUserAdmin {
  async function run(step: Step): Promise<void> {
    try {
      await client.run({ tag: `sql-users:${step.doing}`, sql: step.sql })
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : 'a statement failed'
      throw new SqlUserError('refused', message, { step, cause })
    }
  }
  async function runAll(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await run(step)
  }
  /** What can be undone; the first error is the one to show. */
  async function undo(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await run(step).catch(() => undefined)
  }

  const list = async () => (await log.listSqlUsers()).filter(({ removedAt }) => removedAt === null)
  const giveViews = (rights: UserRights) =>
    runAll([...prepareViews(rights, DEFAULT_LIMITS, hashOfNoPassword), grantViews(rights)])

  async function refuseWhereRowsWouldHide(rights: UserRights): Promise<void> {
    const { before, select, after } = policyProbe(rights)
    await runAll(before)
    const rows = await client.rows({ tag: 'sql-users:probe-row-policy', sql: select })
    await runAll(after)
    if (rows.length === 0)
      throw new SqlUserError('hides_rows', 'a row policy would hide the records from Flint')
  }

  async function make(rights: UserRights, row: SqlUserRow, actor: string): Promise<string> {
    const password = randomBytes(24).toString('base64url')
    await run(createDatabase(rights))
    let made: readonly Step[] = [dropDatabase(rights)]
    let isNoted = false
    try {
      await run(createUser(rights, sha256(password)))
      made = removeUser(rights)
      await refuseWhereRowsWouldHide(rights)
      // Before it can read anything.
      await log.append([eventOf('sql_user.added', actor, null, row)])
      isNoted = true
      await giveViews(rights)
      return password
    } catch (error) {
      await undo(made)
      if (isNoted) await log.append([removal(row, actor, 'not finished')]).catch(() => undefined)
      throw error
    }
  }

  const removal = (row: SqlUserRow, actor: string, reason: string | null): IdentityEvent => ({
    ...eventOf('sql_user.removed', actor, row, { ...row, removedAt: now().toISOString() }),
    reason,
  })

  return {
    list,
    async add({ actor, ...user }) {
      const rights = rightsOf(user, database)
      const known = (await list()).find(({ name }) => name === user.name)
      if (known === undefined) {
        const row = { ...user, createdAt: now().toISOString(), removedAt: null }
        return await make(rights, row, actor)
      }
      if (known.org !== user.org)
        throw new SqlUserError('other_organisation', `${user.name} is of ${known.org}`)
      if (known.prompts !== user.prompts)
        await log.append([
          eventOf('sql_user.changed', actor, known, { ...known, prompts: user.prompts }),
        ])
      await giveViews(rights)
      return null
    },
    async remove({ name, actor }) {
      const known = (await list()).find((row) => row.name === name)
      if (known === undefined) return false
      await runAll(removeUser(rightsOf(known, database)))
      await log.append([removal(known, actor, null)])
      return true
    },
  }
}

function eventOf(
  action: EventAction,
  actor: string,
  old: SqlUserRow | null,
  state: SqlUserRow,
): IdentityEvent {
  const shown = ({ prompts, removedAt }: SqlUserRow) => ({ prompts, removedAt })
  return {
    ...({ subjectKind: 'sql_user', reason: null } as const),
    ...{ org: state.org, actor, action, subject: state.name, state },
    ...{ old: old && shown(old), new: shown(state) },
  }
}

/** Of users that never log in. */
export function hashOfNoPassword(): string {
  return sha256(randomBytes(32))
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}
