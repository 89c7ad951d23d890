import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StoreClient } from '../store/client/client.ts'
import { StoreError } from '../store/client/store-error.ts'
import type { IdentityEvent } from '../store/identity/identity-event.ts'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { SqlUserRow } from '../store/identity/identity-rows.ts'
import { createSqlUserAdmin, SqlUserError } from './sql-user-admin.ts'

const ANALYST = { actor: 'cli', name: 'analyst', org: 'org_1', prompts: false }
const SERVER = { user: 493, database: 82, denied: 497 }

/** What reached the server and the log, in order; `event` stands for an event. */
let done: string[]
let events: IdentityEvent[]
/** Beginning of the statement that the server refuses, and its code. */
let refusal: { readonly sql: string; readonly code: number } | null
let probed: Record<string, unknown>[]
let isLogDown: boolean

const client = {
  async run({ sql, tag }: { sql: string; tag: string }) {
    if (refusal !== null && sql.startsWith(refusal.sql))
      throw new StoreError(`ClickHouse refused ${tag}`, { code: refusal.code, retryable: true })
    done.push(sql)
  },
  rows: async () => probed,
} as Pick<StoreClient, 'run' | 'rows'> as StoreClient

const log = {
  async append(added: readonly IdentityEvent[]) {
    if (isLogDown) throw new StoreError('the log is down', { code: null, retryable: true })
    events.push(...added)
    done.push(...added.map(({ action }) => `event ${action}`))
    return []
  },
  listSqlUsers: async () => {
    const states = new Map(events.map(({ subject, state }) => [subject, state as SqlUserRow]))
    return [...states.values()]
  },
} as Pick<IdentityLog, 'append' | 'listSqlUsers'> as IdentityLog

const admin = createSqlUserAdmin({ log, client, database: 'flint' })
const at = (text: string) => done.findIndex((sql) => sql.startsWith(text))
const failureOf = async (act: Promise<unknown>) => {
  const error = await act.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof SqlUserError) return error
  throw new Error('it did not fail as a SqlUserError')
}

beforeEach(() => {
  done = []
  events = []
  refusal = null
  probed = [{ n: 1 }]
  isLogDown = false
})

describe('a SQL user', () => {
  test('is noted before it can read anything', async () => {
    await admin.add(ANALYST)
    expect(at('event sql_user.added')).toBeGreaterThan(0)
    expect(at('GRANT SELECT')).toBeGreaterThan(at('event sql_user.added'))
    expect(at('CREATE OR REPLACE VIEW')).toBeGreaterThan(at('CREATE ROW POLICY OR REPLACE'))
    expect(done.at(-1)).toMatch(/^GRANT SELECT ON `flint_analyst`\.calls.*\sTO `analyst`/s)
    expect(await admin.list()).toMatchObject([{ name: 'analyst', org: 'org_1', prompts: false }])
  })

  test('has a password that neither the server nor the log gets to see', async () => {
    const password = await admin.add(ANALYST)
    if (password === null) throw new Error('no password')
    const hash = createHash('sha256').update(password).digest('hex')
    expect(password).toMatch(/^[\w-]{32}$/)
    expect(done.join('\n')).toContain(`IDENTIFIED WITH sha256_hash BY '${hash}'`)
    expect(done.join('\n') + JSON.stringify(events)).not.toContain(password)
    expect(JSON.stringify(events)).not.toContain(hash)
  })

  test('that sees prompts says so in its event, and so does a change', async () => {
    await admin.add({ ...ANALYST, prompts: true })
    expect(events[0]).toMatchObject({ org: 'org_1', actor: 'cli', new: { prompts: true } })
    expect(await admin.add(ANALYST)).toBeNull()
    expect(events[1]).toMatchObject({
      ...{ action: 'sql_user.changed', old: { prompts: true }, new: { prompts: false } },
    })
  })

  test('that is there has its views and limits made again, and keeps its password', async () => {
    await admin.add(ANALYST)
    done = []
    expect(await admin.add(ANALYST)).toBeNull()
    expect(
      done.filter((sql) => /^(CREATE USER `analyst`|CREATE DATABASE|event)/.test(sql)),
    ).toEqual([])
    expect(at('CREATE OR REPLACE VIEW')).toBeGreaterThanOrEqual(0)
    expect(at('CREATE SETTINGS PROFILE OR REPLACE')).toBeGreaterThan(0)
  })

  test('of one organisation is not made one of another', async () => {
    await admin.add(ANALYST)
    const failure = await failureOf(admin.add({ ...ANALYST, org: 'org_2' }))
    expect(failure).toMatchObject({ why: 'other_organisation', message: 'analyst is of org_1' })
  })

  test('is removed with all that was made for it, itself first, and can be made anew', async () => {
    await admin.add(ANALYST)
    done = []
    expect(await admin.remove({ name: 'analyst', actor: 'cli' })).toBe(true)
    expect(done[0]).toBe('DROP USER IF EXISTS `analyst`')
    expect(done.at(-1)).toBe('event sql_user.removed')
    expect(await admin.list()).toEqual([])
    expect(await admin.remove({ name: 'analyst', actor: 'cli' })).toBe(false)
    expect(await admin.add({ ...ANALYST, org: 'org_2' })).not.toBeNull()
  })
})

describe('a SQL user that cannot be made leaves nothing behind', () => {
  test.each([
    ['a database that is there', 'CREATE DATABASE', SERVER.database, []],
    ['a user that is there', 'CREATE USER `analyst` ', SERVER.user, ['DROP DATABASE']],
  ])('%s is not touched', async (_, sql, code, dropped) => {
    refusal = { sql, code }
    expect(await failureOf(admin.add(ANALYST))).toMatchObject({ why: 'refused', code })
    expect(done.filter((each) => each.startsWith('DROP')).map((each) => each.slice(0, 13))).toEqual(
      dropped,
    )
    expect(events).toEqual([])
  })

  test.each(['CREATE ROW POLICY OR REPLACE', 'CREATE OR REPLACE VIEW', 'CREATE QUOTA', 'GRANT'])(
    'where %s is refused',
    async (sql) => {
      refusal = { sql, code: SERVER.denied }
      const failure = await failureOf(admin.add(ANALYST))
      expect(failure.step?.right).not.toBe('')
      expect(at('DROP USER IF EXISTS `analyst`')).toBeGreaterThan(0)
      expect(events.map(({ action }) => action)).toEqual(['sql_user.added', 'sql_user.removed'])
      expect(await admin.list()).toEqual([])
    },
  )

  test('where the log is down', async () => {
    isLogDown = true
    await expect(admin.add(ANALYST)).rejects.toThrow('the log is down')
    expect(at('GRANT')).toBe(-1)
    expect(at('DROP USER IF EXISTS `analyst`')).toBeGreaterThan(0)
  })

  test('where its row policies would hide the records from Flint itself', async () => {
    probed = []
    expect(await failureOf(admin.add(ANALYST))).toMatchObject({ why: 'hides_rows' })
    expect(at('CREATE ROW POLICY OR REPLACE')).toBe(-1)
    expect(
      done.some((sql) => /ROW POLICY.* ON flint\./s.test(sql) && sql.startsWith('CREATE')),
    ).toBe(false)
  })
})
