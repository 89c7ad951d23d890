import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StoreWithUsers, startStoreWithUsers } from '../../../test/support/store-with-users.ts'
import { sampleCall } from '../../evidence/sample-evidence.ts'
import { addEvidence } from '../calls/add-evidence.ts'
import { createIdentityLog } from '../identity/identity-log.ts'
import { administratorGrants } from './administrator-grants.ts'
import type { UserConnection } from './ask-as-user.ts'
import { breakOuts } from './break-outs.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { rightsOf } from './rights.ts'
import {
  createDatabase,
  createUser,
  grantViews,
  policyProbe,
  prepareViews,
  removeUser,
} from './statements.ts'
import { verifyUser } from './verify-user.ts'

const NOW = Date.now()
const ANALYST = { name: 'analyst', org: 'org_1', prompts: false }
const AUDITOR = { name: 'auditor', org: 'org_2', prompts: true }

/** The limits of every user, with some other values. */
const limitsWith = (values: Readonly<Record<string, number>>, quota = {}): Limits => ({
  quota: { ...DEFAULT_LIMITS.quota, ...quota },
  settings: DEFAULT_LIMITS.settings.map((setting) => ({
    ...setting,
    value: values[setting.name] ?? setting.value,
  })),
})
const held = limitsWith({
  max_memory_usage: 30_000_000,
  max_rows_to_read: 1_000_000,
  max_result_rows: 10_000,
})

const MANY =
  'SELECT sum(cityHash64(a.number, b.number)) FROM numbers(1000000) a, numbers(1000000) b'
const MUCH = 'TOO_MANY_ROWS'

/** Of the embedded engine: its function file() looks at no grant (docs/decisions/032). */
const HOLE = "SELECT file('/etc/hostname')"

let store: StoreWithUsers
let analyst: UserConnection

beforeAll(async () => {
  store = await startStoreWithUsers([
    ANALYST,
    AUDITOR,
    { ...ANALYST, name: 'held', limits: held },
    { ...ANALYST, name: 'hurried', limits: limitsWith({ max_execution_time: 1 }) },
    { ...ANALYST, name: 'sparing', limits: limitsWith({}, { queries: 3 }) },
    { ...ANALYST, name: 'patient', limits: limitsWith({ readonly: 2 }) },
  ])
  analyst = store.connect('analyst')
  const { administrator } = store
  await addEvidence(
    administrator,
    [
      ...sampleCall({ org: 'org_1', createdAtMs: NOW - 2_000 }),
      ...sampleCall({ org: 'org_2', createdAtMs: NOW - 1_000, id: 1 }).map((row) =>
        row.kind === 'observation' ? { ...row, prompt_preview: 'a private thought' } : row,
      ),
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
afterAll(() => store?.stop())

describe('a user of one organisation', () => {
  test.each(['calls', 'identity_events'])('reads its own %s', async (view) => {
    expect(await analyst.ask(`SELECT org, count() FROM ${view} GROUP BY org`)).toEqual({
      answered: true,
      rows: 'org_1\t1',
    })
  })

  test('sees previews of prompts only where it was made with them', async () => {
    const preview = 'SELECT prompt_preview FROM calls'
    expect(await analyst.ask(preview)).toMatchObject({ answered: false })
    expect(await store.connect('auditor').ask(preview)).toEqual({
      answered: true,
      rows: 'a private thought',
    })
  })

  test('may set what BI tools set', async () => {
    const settings = { max_execution_time: '20', session_timezone: 'Europe/Berlin' }
    expect(await analyst.ask('SELECT timezone()', settings)).toEqual({
      answered: true,
      rows: 'Europe/Berlin',
    })
  })

  test.each(['analyst-calls', 'analyst-events'])('%s can never log in', async (definer) => {
    for (const password of ['', 'an analyst'])
      expect(await store.connect(definer, password).ask('SELECT 1')).toMatchObject({
        answered: false,
        name: 'AUTHENTICATION_FAILED',
      })
  })
})

describe('a user of one organisation cannot', () => {
  const attempts = breakOuts(ANALYST, 'flint', DEFAULT_LIMITS).map((attempt) => ({
    ...attempt,
    name: `${attempt.sql} ${JSON.stringify(attempt.settings ?? {})}`,
  }))

  test.each(attempts.filter(({ sql }) => sql !== HOLE))('$name', async (attempt) => {
    const answer = await analyst.ask(attempt.sql, attempt.settings)
    const { expected } = attempt
    if ('rows' in expected) expect(answer).toEqual({ answered: true, rows: expected.rows })
    else {
      expect(answer).toMatchObject({ answered: false })
      expect(expected.codes).toContain(answer.answered ? null : answer.code)
    }
  })

  // What would do harm if it were not refused: tried here, never on an operator's server.
  test.each([
    'DROP TABLE flint.evidence',
    'DROP VIEW flint_analyst.calls',
    'DROP DATABASE flint',
    'DROP DATABASE flint_analyst',
    'TRUNCATE TABLE flint.calls_settled',
    'DETACH TABLE flint.calls_settled',
    'EXCHANGE TABLES flint_analyst.calls AND flint_analyst.identity_events',
    'ALTER USER analyst SETTINGS readonly = 0',
    "ALTER USER analyst IDENTIFIED BY 'x'",
    'GRANT SELECT ON flint.* TO analyst',
    'REVOKE ALL ON *.* FROM flint',
    'DROP USER flint',
    'CREATE OR REPLACE VIEW flint_analyst.calls AS SELECT * FROM flint.calls',
    'SYSTEM SHUTDOWN',
    'KILL QUERY WHERE 1',
  ])('%s', async (sql) => {
    expect(await analyst.ask(sql)).toMatchObject({ answered: false, name: 'ACCESS_DENIED' })
    expect(
      await store.administrator.rows({ tag: 'test', sql: 'SELECT 1 FROM calls' }),
    ).toHaveLength(2)
  })
})

describe('whatever settings a query brings along', () => {
  // Its profile lets all of them through, as `readonly = 2` does.
  const pushed = (view: string, table: string, filter: string) =>
    store.connect('patient').ask(`SELECT count() FROM ${view}`, {
      additional_table_filters: `{'flint.${table}': '${filter.replaceAll("'", "\\'")}'}`,
    })

  test('a view meets no row of another organisation', async () => {
    for (const [view, table] of [
      ['calls', 'calls_settled'],
      ['identity_events', 'identity_events'],
    ] as const)
      expect(await pushed(view, table, "NOT throwIf(org != 'org_1')")).toEqual({
        answered: true,
        rows: '1',
      })
    const old = { enable_analyzer: '0' }
    expect(
      await store
        .connect('patient')
        .ask("SELECT count() FROM calls WHERE NOT throwIf(org != 'org_1')", old),
    ).toEqual({ answered: true, rows: '1' })
  })

  test.each([
    ['calls', 'calls_settled', '(SELECT count() FROM flint.evidence) > 0'],
    ['calls', 'calls_settled', '(SELECT count() FROM flint.api_keys) > 0'],
    ['identity_events', 'identity_events', '(SELECT count() FROM flint.evidence) > 0'],
    ['identity_events', 'identity_events', '(SELECT count() FROM flint.calls_settled) > 0'],
  ])('the view %s reads no table but its own: %s %s', async (view, table, filter) => {
    expect(await pushed(view, table, filter)).toMatchObject({
      answered: false,
      name: 'ACCESS_DENIED',
    })
  })
})

describe('a query ends', () => {
  test.each([
    [
      'in time',
      'hurried',
      'SELECT sum(sipHash64(number)) FROM numbers(1000000000)',
      'TIMEOUT_EXCEEDED',
    ],
    ['in time', 'hurried', MANY, 'TIMEOUT_EXCEEDED'],
    ['within its memory', 'held', "SELECT repeat('x', 100000000)", 'MEMORY_LIMIT_EXCEEDED'],
    ['before it reads too much', 'held', 'SELECT sum(number) FROM numbers(2000000)', MUCH],
    ['before it gives too much', 'held', 'SELECT number FROM numbers(20000)', MUCH],
  ])('%s: %s, %s', async (_, user, sql, name) => {
    const answer = await store.connect(user).ask(sql)
    expect(answer).toMatchObject({ answered: false, name: expect.stringContaining(name) })
  })

  test('when the quota of the hour is used up', async () => {
    const sparing = store.connect('sparing')
    const answers = []
    for (let asked = 0; asked < 4; asked += 1)
      answers.push(await sparing.ask('SELECT count() FROM calls'))
    expect(answers.map(({ answered }) => answered)).toEqual([true, true, true, false])
    expect(answers.at(-1)).toMatchObject({ name: 'QUOTA_EXCEEDED' })
  })
})

describe('a statement for a server', () => {
  const rights = rightsOf({ name: 'analyst', org: "o'rg\\`", prompts: true }, 'flint')
  const probe = policyProbe(rights)
  const steps = [
    createDatabase(rights),
    createUser(rights, 'ab'.repeat(32)),
    ...prepareViews(rights, DEFAULT_LIMITS, () => 'cd'.repeat(32)),
    grantViews(rights),
    ...probe.before,
    ...probe.after,
    ...removeUser(rights),
  ].map(({ sql }) => sql)
  const grants = administratorGrants('flint-admin', 'flint', 'analyst')

  test.each([...steps, ...grants])('is one that ClickHouse reads: %s', async (sql) => {
    const [row] = await store.administrator.rows({
      tag: 'test',
      sql: 'SELECT formatQuerySingleLine({sql:String}) AS formatted',
      params: { sql },
    })
    // Each name is one, whatever it holds: no value has become a statement of its own.
    expect(String(row?.formatted)).not.toContain(';')
    expect(String(row?.formatted).split(' ')[0]).toBe(sql.split(' ')[0])
  })
})

describe('npx flint sql users verify', () => {
  const failuresOf = async (name: string, prompts = false) => {
    const attempts = breakOuts({ ...ANALYST, name, prompts }, 'flint', DEFAULT_LIMITS)
    const failures: string[] = []
    for await (const { passed, attempt } of verifyUser(store.connect(name), attempts))
      if (!passed) failures.push(attempt.sql)
    return failures
  }

  test('finds the one hole of the embedded engine', async () => {
    expect(await failuresOf('analyst')).toEqual([HOLE])
  })

  test('finds a profile that lets settings through, and other limits', async () => {
    expect(await failuresOf('patient')).toEqual(
      expect.arrayContaining(["SELECT getSetting('readonly') = 1", HOLE]),
    )
    expect(await failuresOf('held')).toContain("SELECT getSetting('max_memory_usage') = 2000000000")
  })

  test('finds views of another organisation, and prompts that were not meant', async () => {
    const failures = await failuresOf('auditor')
    expect(failures).toContain("SELECT count() FROM flint_auditor.calls WHERE org != 'org_1'")
    expect(failures.filter((sql) => sql.includes('prompt_preview'))).toHaveLength(1)
  })
})
