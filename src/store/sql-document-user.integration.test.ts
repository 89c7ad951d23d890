import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documentedColumns, recipes, userStatements } from '../../test/support/sql-document.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { until } from '../../test/support/until.ts'
import { sampleCall } from '../evidence/sample-evidence.ts'
import { addEvidence } from './calls/add-evidence.ts'
import { createStoreClient, type StoreClient } from './client/client.ts'
import { migrate } from './client/migrate.ts'
import { prepareEmbedded } from './embedded/clickhouse.ts'
import { freePort } from './embedded/free-port.ts'
import { createIdentityLog } from './identity/identity-log.ts'

const NOW = Date.now()
const PASSWORD = 'an analyst'
const PROMPT_COLUMNS = ['prompt_preview', 'last_user_preview', 'prompt_hash', 'completion_preview']

const beginningWith = (verb: string) =>
  userStatements.filter((statement) => statement.startsWith(verb))
const [createUser = ''] = beginningWith('CREATE USER')
const grants = beginningWith('GRANT')
const views = beginningWith('CREATE VIEW')

let child: ChildProcess
let administrator: StoreClient
let analyst: StoreClient

/** The user of the document as the engine reads it when it starts: it makes no users later. */
function withAnalyst(users: string): string {
  const readonly = /readonly = (\d)/.exec(createUser)?.[1] ?? ''
  const queries = grants.map((grant) => `<query>${grant.replace(' TO analyst', '')}</query>`)
  return users
    .replace('</profiles>', `<analyst><readonly>${readonly}</readonly></analyst></profiles>`)
    .replace(
      '</users>',
      `<analyst>
        <password>${PASSWORD}</password>
        <networks><ip>127.0.0.1</ip></networks>
        <profile>analyst</profile>
        <quota>default</quota>
        <grants>${queries.join('')}</grants>
      </analyst></users>`,
    )
}

beforeAll(async () => {
  const dir = temporaryDirectory()
  const { command, args, ...endpoint } = prepareEmbedded({ dir, port: await freePort() })
  const usersFile = path.join(dir, 'users.xml')
  fs.writeFileSync(usersFile, withAnalyst(fs.readFileSync(usersFile, 'utf8')))
  child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  const outside = createStoreClient({ ...endpoint, database: 'default' })
  await until('the engine', 30_000, () => outside.ping())
  await outside.close()

  administrator = createStoreClient(endpoint)
  await migrate({ client: administrator })
  for (const sql of views) await administrator.run({ tag: 'test', sql })
  analyst = createStoreClient({ ...endpoint, username: 'analyst', password: PASSWORD })

  await addEvidence(
    administrator,
    [
      ...sampleCall({ org: 'org_1', createdAtMs: NOW - 2_000 }),
      ...sampleCall({ org: 'org_2', createdAtMs: NOW - 1_000, id: 1 }),
    ],
    'calls',
  )
  const event = {
    ...({ subjectKind: 'key', actor: 'cli', action: 'key.created', subject: 'key_1' } as const),
    ...{ reason: null, old: null, new: null, state: { keyHash: 'secret' } },
  }
  await createIdentityLog(administrator).append([
    { ...event, org: 'org_1' },
    { ...event, org: 'org_2' },
  ])
})
afterAll(async () => {
  await Promise.all([administrator?.close(), analyst?.close()])
  if (child === undefined) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  await gone
})

describe('the read-only user of docs/sql.md', () => {
  test.each(userStatements)('is made with a statement that ClickHouse reads: %s', async (sql) => {
    const rows = await administrator.rows({
      tag: 'test',
      sql: 'SELECT formatQuery({statement:String}) AS formatted',
      params: { statement: sql },
    })
    expect(rows).toHaveLength(1)
  })

  test('reads the calls and events of one organisation', async () => {
    for (const view of ['analyst_calls', 'analyst_events'])
      expect(
        await analyst.rows({
          tag: 'test',
          sql: `SELECT org, count() AS n FROM ${view} GROUP BY org`,
          // As BI tools set them.
          settings: { max_execution_time: 20, session_timezone: 'Europe/Berlin' },
        }),
      ).toEqual([{ org: 'org_1', n: 1 }])
  })

  test('sees all columns but those of prompts and of the HMACs of keys', async () => {
    const columnsOf = async (view: string) =>
      (await analyst.rows({ tag: 'test', sql: `DESCRIBE TABLE ${view}` })).map(({ name }) => name)
    expect(await columnsOf('analyst_calls')).toEqual(
      documentedColumns.map(({ name }) => name).filter((name) => !PROMPT_COLUMNS.includes(name)),
    )
    expect(await columnsOf('analyst_events')).not.toContain('state')
  })

  test('asks all recipes but three', async () => {
    const own = recipes.filter(({ sql }) => !/FROM (evidence|prices|key_uses)/.test(sql))
    expect(own).toHaveLength(recipes.length - 3)
    for (const { question, sql } of own) {
      const asked = sql
        .replaceAll(/FROM calls\b/g, 'FROM analyst_calls AS calls')
        .replaceAll(/FROM identity_events\b/g, 'FROM analyst_events')
      const rows = analyst.rows({ tag: 'test', sql: asked })
      await expect(rows, question).resolves.toBeInstanceOf(Array)
    }
  })

  test.each(['calls', 'calls_settled', 'evidence', 'identity_events', 'key_uses'])(
    'cannot read %s',
    async (table) => {
      const question = { tag: 'test', sql: `SELECT count() FROM ${table}` }
      await expect(analyst.rows(question)).rejects.toThrow('ACCESS_DENIED')
      expect(await administrator.rows(question)).toHaveLength(1)
    },
  )

  test('finds the two views, and no table, where BI tools look for them', async () => {
    for (const list of ['system.tables', 'system.columns'])
      expect(
        await analyst.rows({
          tag: 'test',
          sql: `SELECT DISTINCT ${list === 'system.tables' ? 'name' : 'table'} AS found
            FROM ${list} WHERE database = 'flint' ORDER BY found`,
        }),
      ).toEqual([{ found: 'analyst_calls' }, { found: 'analyst_events' }])
  })

  test('cannot write', async () => {
    for (const sql of ['TRUNCATE TABLE evidence', 'CREATE TABLE one (n UInt8) ENGINE = Memory'])
      await expect(analyst.run({ tag: 'test', sql })).rejects.toThrow(/READONLY|ACCESS_DENIED/)
  })
})
