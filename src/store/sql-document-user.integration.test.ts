import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documentedColumns, recipes, userStatements } from '../../test/support/sql-document.ts'
import { type StoreWithUsers, startStoreWithUsers } from '../../test/support/store-with-users.ts'
import { PROMPT_COLUMNS } from './calls/export-columns.ts'
import type { UserConnection } from './sql-users/ask-as-user.ts'
import { DEFAULT_LIMITS } from './sql-users/limits.ts'
import { rightsOf } from './sql-users/rights.ts'
import { createDatabase, createUser, grantViews, prepareViews } from './sql-users/statements.ts'

const ANALYST = { name: 'analyst', org: 'org_1', prompts: false }
let store: StoreWithUsers
let analyst: UserConnection
beforeAll(async () => {
  store = await startStoreWithUsers([ANALYST, { ...ANALYST, name: 'auditor', prompts: true }])
  analyst = store.connect('analyst')
})
afterAll(() => store?.stop())

describe('the user of docs/sql.md', () => {
  test('is made with the statements that stand there', () => {
    const rights = rightsOf(ANALYST, 'flint')
    const steps = [
      createDatabase(rights),
      createUser(rights, '<SHA-256 of the password, in hex>'),
      ...prepareViews(rights, DEFAULT_LIMITS, () => '<64 random hex digits>'),
      grantViews(rights),
    ]
    expect(userStatements).toEqual(steps.map(({ sql }) => sql))
  })

  test('sees all columns of the document, but those of prompts unless it was made with them', async () => {
    const columnsOf = async (user: UserConnection, view: string) => {
      const answer = await user.ask(`SELECT name FROM system.columns WHERE table = '${view}'
        AND database = currentDatabase() ORDER BY position`)
      return answer.answered ? answer.rows.split('\n') : answer
    }
    const all = documentedColumns.map(({ name }) => name)
    expect(await columnsOf(store.connect('auditor'), 'calls')).toEqual(all)
    expect(await columnsOf(analyst, 'calls')).toEqual(
      all.filter((name) => !PROMPT_COLUMNS.includes(name)),
    )
    const events = await store.administrator.rows({
      tag: 'test',
      sql: 'DESCRIBE TABLE identity_events',
    })
    expect(await columnsOf(analyst, 'identity_events')).toEqual(
      events.map(({ name }) => name).filter((name) => name !== 'state'),
    )
  })

  test('asks all recipes as they stand but three', async () => {
    const own = recipes.filter(({ sql }) => !/FROM (evidence|prices|key_uses)/.test(sql))
    expect(own).toHaveLength(recipes.length - 3)
    for (const { question, sql } of own)
      expect(await analyst.ask(sql), question).toMatchObject({ answered: true })
  })

  test('finds its two views, and no other table, where BI tools look for them', async () => {
    for (const [list, column] of [
      ['tables', 'name'],
      ['columns', 'table'],
    ])
      expect(
        await analyst.ask(`SELECT DISTINCT database, ${column} AS found FROM system.${list}
          WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')
          ORDER BY found`),
      ).toEqual({
        answered: true,
        rows: 'flint_analyst\tcalls\nflint_analyst\tidentity_events',
      })
  })
})
