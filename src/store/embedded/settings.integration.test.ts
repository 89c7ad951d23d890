import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { prepareEmbedded, waitUntilReady } from './clickhouse.ts'
import type { StoreEndpoint } from './credentials.ts'
import { freePort } from './free-port.ts'

/*
 * What the configuration says is asked of the engine: each simple element of server.xml and
 * users.xml is looked up in the engine's own tables, so that a line that is added without effect
 * fails here.
 */

const dir = temporaryDirectory()
const xmlOf = (name: string) => fs.readFileSync(path.join(dir, name), 'utf8')
let endpoint: StoreEndpoint
let stop = async () => {}

beforeAll(async () => {
  const { command, args, ...prepared } = prepareEmbedded({ dir, port: await freePort() })
  endpoint = prepared
  // Flint's user may not read how the server is set; this one may do everything.
  const auditor = `<auditor><password>x</password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota><access_management>1</access_management></auditor></users>`
  fs.writeFileSync(path.join(dir, 'users.xml'), xmlOf('users.xml').replace('</users>', auditor))
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  stop = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.stdin.end()
    await gone
  }
  await waitUntilReady(endpoint, child, 30_000)
})
afterAll(async () => {
  await stop()
})

async function ask(
  sql: string,
  { username, password } = { username: 'auditor', password: 'x' },
): Promise<string> {
  const headers = {
    ...endpoint.headers,
    'X-ClickHouse-User': username,
    'X-ClickHouse-Key': password,
  }
  const answer = await fetch(endpoint.url, { method: 'POST', body: sql, headers })
  const text = await answer.text()
  return answer.ok ? text : `refused (${answer.headers.get('x-clickhouse-exception-code')})`
}

/** Name and value of the engine's settings in one of its tables. */
async function inForce(
  table: 'server_settings' | 'merge_tree_settings' | 'settings',
): Promise<ReadonlyMap<string, string>> {
  const rows = JSON.parse(
    await ask(`SELECT name, value FROM system.${table} FORMAT JSONCompact`),
  ) as { data: Array<[string, string]> }
  return new Map(rows.data)
}

/** The elements without children of a section, by name. */
function configured(xml: string): ReadonlyMap<string, string> {
  return new Map(
    [...xml.matchAll(/<(\w+)>([^<>]*)<\/\1>/g)].map(([, name = '', value = '']) => [name, value]),
  )
}
const sectionOf = (xml: string, name: string) =>
  new RegExp(`<${name}>[\\s\\S]*?</${name}>`).exec(xml)?.[0] ?? ''
const without = (xml: string, ...sections: string[]) =>
  sections.reduce((text, name) => text.replace(sectionOf(text, name), ''), xml)

describe('every setting of the embedded ClickHouse is in force', () => {
  test('of the server', async () => {
    const wanted = configured(
      without(xmlOf('server.xml'), 'merge_tree', 'access_control_improvements', 'http_handlers'),
    )
    // Where it listens and who may log in show in that this test is answered, and in
    // clickhouse.integration.test.ts.
    const asked = [...wanted].filter(
      ([name]) => !['http_port', 'listen_host', 'users_config'].includes(name),
    )
    const found = await inForce('server_settings')
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.map(([name]) => [name, found.get(name)])).toEqual(asked)
  })

  test('of its tables', async () => {
    const wanted = [...configured(sectionOf(xmlOf('server.xml'), 'merge_tree'))]
    const found = await inForce('merge_tree_settings')
    expect(wanted.length).toBeGreaterThan(3)
    expect(wanted.map(([name]) => [name, found.get(name)])).toEqual(wanted)
  })

  test('of its queries', async () => {
    const wanted = [...configured(sectionOf(xmlOf('users.xml'), 'profiles'))]
    const found = await inForce('settings')
    expect(wanted.length).toBeGreaterThan(3)
    expect(wanted.map(([name]) => [name, found.get(name)])).toEqual(wanted)
  })

  test('of what its user may do', async () => {
    await ask('CREATE DATABASE flint')
    await ask('CREATE TABLE flint.t (a UInt8) ENGINE = MergeTree ORDER BY a')
    await ask('INSERT INTO flint.t VALUES (1)')
    await ask('CREATE ROW POLICY p ON flint.t USING a = 2 TO auditor')
    // users_without_row_policies_can_read_rows, select_from_system_db_requires_grant,
    // …_information_schema_…, table_engines_…
    expect(await ask('SELECT a FROM flint.t', endpoint)).toBe('1\n')
    expect(await ask('SELECT count() FROM system.parts', endpoint)).toMatch(/^\d+\n$/)
    expect(await ask('SELECT count() FROM system.server_settings', endpoint)).toBe('refused (497)')
    expect(await ask('SELECT count() FROM information_schema.tables', endpoint)).toBe(
      'refused (497)',
    )
    expect(await ask('CREATE TABLE flint.l (a UInt8) ENGINE = Log', endpoint)).toBe('refused (497)')
    expect(
      await ask('CREATE TABLE flint.m (a UInt8) ENGINE = MergeTree ORDER BY a', endpoint),
    ).toBe('')
  })
})

test('the embedded ClickHouse keeps no logs of itself', async () => {
  // A log that is on is made at the latest now; until then its table is not there.
  expect(await ask('SYSTEM FLUSH LOGS')).toBe('')
  expect(
    await ask(
      "SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%\\\\_log%'",
    ),
  ).toBe('')
})
