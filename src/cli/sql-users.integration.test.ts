import { spawn } from 'node:child_process'
import http from 'node:http'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROJECT } from '../../test/support/flint.ts'
import { type LoopbackServer, serveLoopback } from '../../test/support/loopback-server.ts'
import {
  type StoreWithUsers,
  startStoreWithUsers,
  USER_PASSWORD,
} from '../../test/support/store-with-users.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'

/** Of the embedded engine: its function file() looks at no grant (docs/decisions/032). */
const HOLE = "SELECT file('/etc/hostname')"
const ANALYST = { name: 'analyst', org: 'org_1', prompts: false }
const dataDir = temporaryDirectory()

let store: StoreWithUsers
/** Stands for a server: the embedded engine answers a secret header alone. */
let server: LoopbackServer

beforeAll(async () => {
  store = await startStoreWithUsers([ANALYST])
  const log = createIdentityLog(store.administrator)
  const createdAt = '2026-08-01T00:00:00.000Z'
  await log.append(
    ['org_1', 'org_2'].map((org) => ({
      ...({ subjectKind: 'organisation', actor: 'cli', action: 'organisation.created' } as const),
      ...{ org, subject: org, reason: null, old: null, new: null },
      state: { id: org, name: org, createdAt },
    })),
  )
  await log.append([
    {
      ...({ subjectKind: 'sql_user', actor: 'cli', action: 'sql_user.added' } as const),
      ...{ org: 'org_1', subject: 'analyst', reason: null, old: null, new: { prompts: false } },
      state: { ...ANALYST, createdAt, removedAt: null },
    },
  ])
  server = await serveLoopback((request, response) => {
    const headers = { ...request.headers, ...store.endpoint.headers }
    const address = new URL(request.url ?? '/', store.endpoint.url)
    const onward = http.request(address, { method: 'POST', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
})
afterAll(async () => {
  await server?.close()
  await store?.stop()
})

/** `npx flint sql users …`, as on the machine of a Flint whose ClickHouse is a server. */
async function users(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
) {
  const program = path.join(PROJECT, 'dist/flint/main.js')
  const child = spawn(process.execPath, [program, 'sql', 'users', ...args], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      FLINT_DATA_DIR: dataDir,
      FLINT_CLICKHOUSE_URL: server.url,
      FLINT_CLICKHOUSE_USERNAME: store.endpoint.username,
      FLINT_CLICKHOUSE_PASSWORD: store.endpoint.password,
      ...env,
    },
  })
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await ended, out, err }
}

describe('npx flint sql users', () => {
  test('list shows whose records each user reads, and whether with prompts', async () => {
    expect((await users(['list'])).out).toMatch(/analyst.*org_1.*no.*2026-08-01/)
    expect(JSON.parse((await users(['list', '--org', 'org_2', '--json'])).out)).toEqual([])
  })

  test('verify tries to break out as the user, and fails where one attempt is let through', async () => {
    const { code, out, err } = await users(['verify', 'analyst'], { input: `${USER_PASSWORD}\n` })
    expect(err).toContain('analyst is not held back: 1 of ')
    expect(code).toBe(1)
    const lines = out.trim().split('\n')
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([expect.stringContaining(HOLE)])
    expect(lines.filter((line) => line.startsWith('pass')).length).toBeGreaterThan(150)
  })

  test('verify reads the password from the environment, and says so where it is wrong', async () => {
    const env = { FLINT_SQL_USER_PASSWORD: 'a guess' }
    const { code, out, err } = await users(['verify', 'analyst'], { env })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('ClickHouse did not let analyst in: AUTHENTICATION_FAILED')
    expect((await users(['verify', 'analyst'])).err).toContain('password of analyst is missing')
  })

  test('add --print prints the statements for an administrator, and runs none', async () => {
    const { out } = await users(['add', 'other', '--org', 'org_2', '--print'])
    expect(out).toMatch(/^CREATE DATABASE `flint_other`;\n/)
    expect(out).toContain("BY '<SHA-256 of the password, in hex>'")
    expect(out).toContain("WHERE org = 'org_2'")
    expect((await users(['list'])).out).not.toContain('other')
  })

  test('add explains what the server refused, and leaves nothing', async () => {
    // The engine keeps its users in a file, and Flint's user may make none.
    const { code, out, err } = await users(['add', 'second', '--org', 'org_1'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('create-user')
    expect(err).toContain('flint lacks a right (CREATE USER)')
    expect(err).toContain('GRANT CREATE USER, DROP USER')
    expect((await users(['list'])).out).not.toContain('second')
  })

  test('add refuses a user of another organisation, a name that is no name, an unknown organisation', async () => {
    expect((await users(['add', 'analyst', '--org', 'org_2'])).err).toContain('analyst is of org_1')
    expect((await users(['add', 'An-alyst', '--org', 'org_1'])).err).toContain('lower-case letter')
    expect((await users(['add', 'new', '--org', 'org_9'])).err).toContain(
      'there is no organisation org_9',
    )
    expect((await users(['add', 'new'])).err).toContain('name one with --org')
  })

  test('remove and verify name a user that is not there', async () => {
    for (const command of ['remove', 'verify'])
      expect((await users([command, 'no_one'])).err).toContain('there is no SQL user no_one')
  })

  test('an administrator without a password is refused before anything is asked', async () => {
    const env = { FLINT_CLICKHOUSE_ADMIN_USERNAME: 'admin' }
    expect((await users(['add', 'new', '--org', 'org_1'], { env })).err).toContain(
      'clickhouse.adminPassword (FLINT_CLICKHOUSE_ADMIN_PASSWORD) go together',
    )
  })
})
