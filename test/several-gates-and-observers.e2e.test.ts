import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { envoyAdmin } from '../src/supervisor/envoy-admin.ts'
import { type Bootstrap, type EnvoyUnderTest, managerOf, startEnvoy } from './support/envoy.ts'
import { cleanEnvironment, type FlintUnderTest, freePort, startFlint } from './support/flint.ts'
import { metricsIn } from './support/inside.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { type RawAnswer, rawCall } from './support/raw-http.ts'
import { recordsByClaim } from './support/records.ts'
import { type Replica, startReplica } from './support/replica.ts'
import {
  chatCompletion,
  type ScriptedProvider,
  startScriptedProvider,
} from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'

/*
 * Two gates and two observers, each pair with a data directory of its own, behind one Envoy with
 * two workers: the gate's reply, the copy and the log entry of one call come from and go to any of
 * them.
 */

let root: string
let provider: ScriptedProvider
let first: FlintUnderTest
let second: Replica
let envoy: EnvoyUnderTest
/** Calls of the rolling restart. */
let rolled = 0
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 })

beforeAll(async () => {
  root = temporaryDirectory()
  fs.mkdirSync(path.join(root, 'a'))
  provider = await startScriptedProvider()
  const shared = {
    FLINT_KEY_PEPPER: 'the same pepper on both',
    FLINT_PROVIDERS_OPENAI_UPSTREAM: provider.url,
  }
  first = await startFlint({ env: shared, dataDir: path.join(root, 'a') })
  const env = { ...cleanEnvironment(), ...shared }
  second = await startReplica(env, path.join(root, 'b'), path.join(root, 'a', 'clickhouse'), [
    'gate',
    'observer',
    'delivery',
  ])
  const both = (role: string) =>
    ['a', 'b'].map((name) => ({
      endpoint: { address: { pipe: { path: path.join(root, name, 'run', `${role}.sock`) } } },
    }))
  envoy = await startEnvoy(
    { ...env, FLINT_DATA_DIR: path.join(root, 'a') },
    await freePort(),
    path.join(root, 'envoy'),
    (bootstrap) => {
      for (const { name, load_assignment } of bootstrap.static_resources.clusters) {
        const role = name.replace('flint_', '')
        if (role === 'gate' || role === 'observer')
          load_assignment.endpoints = [{ lb_endpoints: both(role) }]
      }
      letCallersForge(bootstrap)
    },
  )
})
afterAll(async () => {
  agent.destroy()
  await envoy?.stop()
  await second?.stop()
  await first?.stop()
  await provider?.close()
})

/**
 * What no one should do: callers may write into Flint's metadata, and one of their routes has no
 * gate.
 */
function letCallersForge(bootstrap: Bootstrap): void {
  const manager = managerOf(bootstrap)
  const rule = (key: string) => ({
    header: `x-forge-${key.replace('_', '-')}`,
    on_header_present: { metadata_namespace: 'flint.audit', key, type: 'STRING' },
  })
  manager.http_filters.unshift({
    name: 'forge',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config',
      request_rules: ['record_id', 'org', 'key_id', 'provider', 'mac'].map(rule),
    },
  })
  const off = { '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', disabled: true }
  manager.route_config.virtual_hosts[0]?.routes.unshift({
    name: 'openai',
    match: { prefix: '/ungated/' },
    route: { cluster: 'provider_openai', prefix_rewrite: '/' },
    typed_per_filter_config: { 'flint.auth': off },
  })
}

const FORGED_ID = '0199c0de-0000-7000-8000-000000000001'
const forged = (record: string, org: string) => ({
  'x-forge-record-id': record,
  'x-forge-org': org,
  'x-forge-key-id': 'key_1',
  'x-forge-provider': 'openai',
  'x-forge-mac': Buffer.alloc(16).toString('base64url'),
})

const chat = (
  claim: string,
  extra: Record<string, string> = {},
  onPiece?: (bytes: Buffer) => void,
  signal?: AbortSignal,
) =>
  rawCall(`${envoy.baseUrl}/v1/proxy/openai/chat/completions`, {
    agent,
    body: '{"model":"gpt-4o","stream":true}',
    headers: {
      authorization: `Bearer ${first.key}`,
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
      'x-flint-request-id': claim,
      ...extra,
    },
    ...(onPiece ? { onPiece } : {}),
    ...(signal ? { signal } : {}),
  })

const ask = (sql: string) => first.sql(sql)

/** For the message of a failure: connections that Envoy gave up, and rows that wait in a spool. */
async function whereCopiesEnded(): Promise<string> {
  const admin = envoyAdmin(path.join(path.dirname(envoy.log), 'admin.sock'))
  const connections = await admin.stats('flint_observer.*(timeout|destroy|fail|overflow|retry)')
  const processes = await Promise.all([first.metrics(), metricsIn(second.dataDir)])
  const counted = processes.map((metrics) =>
    [...metrics].filter(([name]) => /_(backlog|retries|failed|refused|lag|stream)/.test(name)),
  )
  return JSON.stringify({ ended: second.ended(), connections: [...(connections ?? [])], counted })
}

async function counter(name: string): Promise<number> {
  const both = await Promise.all([first.metrics(), metricsIn(second.dataDir)])
  return both.reduce((sum, metrics) => sum + (metrics.get(name) ?? 0), 0)
}

describe('with two gates and two observers', () => {
  test('every call has one record and its numbers are right, whichever processes saw its parts', async () => {
    provider.answer((request, response) => {
      const claim = Number(String(request.headers['x-call'] ?? '0'))
      const usage = { prompt_tokens: claim, completion_tokens: 5, total_tokens: claim + 5 }
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(chatCompletion('hello', usage))
    })
    const claims = Array.from({ length: 400 }, (_, number) => `two-${number}`)
    const answers: RawAnswer[] = []
    for (let start = 0; start < claims.length; start += 16)
      answers.push(
        ...(await Promise.all(
          claims
            .slice(start, start + 16)
            .map((claim, i) => chat(claim, { 'x-call': String(start + i + 1) })),
        )),
      )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    await until(
      'every record',
      60_000,
      async () => Number((await ask('SELECT count() AS n FROM calls'))[0]?.['n']) >= claims.length,
    )
    const records = await recordsByClaim(first, claims)
    for (const [number, claim] of claims.entries())
      expect(records.get(claim)).toMatchObject({
        outcome: 'complete',
        inputTokens: number + 1,
        outputTokens: 5,
        captureGap: null,
      })
    const [seen] =
      await ask(`SELECT count() AS calls, countIf(i != o) AS gate_and_observer_apart, countIf(o != c) AS observers_apart, uniqExact(i) AS gates, uniqExact(o) AS observers
      FROM (SELECT record_id, anyIf(splitByChar('/', writer)[1], kind = 'intent') AS i, anyIf(splitByChar('/', writer)[1], kind = 'observation') AS o,
        anyIf(splitByChar('/', writer)[1], kind = 'closing') AS c FROM evidence GROUP BY record_id)`)
    expect(seen).toMatchObject({ calls: 400, gates: 2, observers: 2 })
    expect(Number(seen?.['gate_and_observer_apart'])).toBeGreaterThan(50)
    expect(Number(seen?.['observers_apart'])).toBeGreaterThan(50)
    expect(await counter('flint_observer_forged_total')).toBe(0)
  })

  test('a call that its caller breaks off is client_aborted and no loss, though one observer saw it and the other heard of it', async () => {
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(
        'data: {"id":"c","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n',
      )
    })
    const claims = Array.from({ length: 12 }, (_, number) => `left-${number}`)
    await Promise.all(
      claims.map(async (claim) => {
        const leaving = new AbortController()
        await chat(claim, {}, () => leaving.abort(), leaving.signal).catch(() => {})
      }),
    )
    // Envoy keeps the copy for 10 s when the observer that has it does not hear of the end.
    await until('the records', 40_000, async () => {
      const rows = await ask(
        "SELECT claimed_request_id FROM calls WHERE startsWith(claimed_request_id, 'left-') AND usage_source != 'none' OR startsWith(claimed_request_id, 'left-') AND model IS NOT NULL",
      )
      return rows.length === claims.length
    })
    const records = await recordsByClaim(first, claims)
    for (const record of records.values())
      expect(record).toMatchObject({ outcome: 'client_aborted', model: 'gpt-4o-2024-08-06' })
    const losses = JSON.parse(await first.cli('losses', '--json')) as {
      lost: number
      open: number
      alarms: Record<string, number>
    }
    expect(losses).toMatchObject({ lost: 0, open: 0 })
    expect(losses.alarms).toMatchObject({
      flint_observer_shed_total: 0,
      flint_delivery_dead_letters_total: 0,
    })
  })

  test('metadata that no gate wrote is counted, makes no record of the organisation it names, and is replaced where there is a gate', async () => {
    provider.answer((_request, response) => void response.end(chatCompletion('hello')))
    const record = FORGED_ID
    const [org] = await ask('SELECT any(org) AS org FROM calls')
    const headers = forged(record, String(org?.['org']))
    expect(
      (await rawCall(`${envoy.baseUrl}/ungated/v1/chat/completions`, { body: '{}', headers }))
        .status,
    ).toBe(200)
    expect((await chat('forged-with-a-gate', headers)).status).toBe(200)
    await until(
      'the forgery to be counted',
      10_000,
      async () => (await counter('flint_observer_forged_total')) >= 2,
    )
    const records = await recordsByClaim(first, ['forged-with-a-gate'])
    expect(records.get('forged-with-a-gate')).toMatchObject({ outcome: 'complete' })
    expect(records.get('forged-with-a-gate')?.requestId).not.toBe(record)
    expect(await ask(`SELECT count() AS n FROM evidence WHERE record_id = '${record}'`)).toEqual([
      { n: 0 },
    ])
  })

  test('a rolling restart of all of them under load fails no call and loses nothing', async () => {
    const prefix = 'rolled-'
    provider.answer(async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      const usage = {
        prompt_tokens: Number(request.headers['x-call']),
        completion_tokens: 5,
        total_tokens: 5,
      }
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(chatCompletion('hello', usage))
    })
    const statuses = new Map<number | string, number>()
    let calls = 0
    let rolling = true
    // Few enough for one observer alone, on a machine that starts another process meanwhile: what
    // many calls do to a late observer is the business of bursts-lose-nothing.
    const callers = Array.from({ length: 4 }, async () => {
      while (rolling) {
        const number = ++calls
        const status = await chat(`${prefix}${number}`, { 'x-call': String(number) }).then(
          (answer) => answer.status,
          (error: Error) => error.message,
        )
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        await new Promise((resolve) => setTimeout(resolve, 40))
      }
    })
    const exits: Array<number | null> = []
    for (const role of ['gate', 'observer']) {
      exits.push(await second.end(role))
      await second.start(role)
      const pid = first.pid(role)
      process.kill(pid, 'SIGUSR2')
      await until(`${role} of the first to be back`, 60_000, () => {
        const pidFile = path.join(root, 'a', 'run', `${role}.pid`)
        return fs.existsSync(pidFile) && first.pid(role) !== pid
      })
      await until(`${role} of the first to serve`, 60_000, async () =>
        (await first.metrics()).has(`flint_${role}_spool_rows_total`),
      )
    }
    rolling = false
    await Promise.all(callers)
    rolled += statuses.get(200) ?? 0
    expect(exits).toEqual([0, 0])
    const refused = fs
      .readFileSync(envoy.log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"status":503'))
    expect(statuses, refused.slice(0, 5).join('\n')).toEqual(new Map([[200, calls]]))
    // Entries of Envoy's log stream have nowhere to go while an observer restarts, and no one
    // follows this Envoy's file but a command.
    const gated = path.join(root, 'gated.ndjson')
    const lines = fs.readFileSync(envoy.log, 'utf8').split('\n')
    fs.writeFileSync(gated, lines.filter((line) => !line.includes(FORGED_ID)).join('\n'))
    await first.cli('reconcile', gated)
    let rows: Array<Record<string, unknown>> = []
    const isComplete = ({ outcome }: Record<string, unknown>) => outcome === 'complete'
    // A call is listed 15 s after its end at the latest, a late observer's row may come after that
    // (docs/decisions/006).
    await until('every record to be complete', 90_000, async () => {
      rows = await ask(
        "SELECT claimed_request_id AS claim, toString(record_id) AS id, outcome, input_tokens AS tokens FROM calls WHERE startsWith(claimed_request_id, '" +
          prefix +
          "')",
      )
      return rows.length === calls && rows.every(isComplete)
    }).catch(() => {})
    expect(rows.length).toBe(calls)
    expect(
      rows.filter(({ claim, tokens }) => tokens !== null && `${prefix}${tokens}` !== claim),
    ).toEqual([])
    const incomplete = rows.filter((row) => !isComplete(row))
    expect(incomplete, incomplete.length > 0 ? await whereCopiesEnded() : '').toEqual([])
  })

  test('Envoy’s own log agrees with every record, and what passed no gate is no one’s', async () => {
    await until(
      'the log to be written',
      5_000,
      () => fs.readFileSync(envoy.log, 'utf8').split('\n').length > 414 + rolled,
    )
    const found = JSON.parse(await first.cli('reconcile', '--json', envoy.log)) as Record<
      string,
      unknown
    >
    // While an observer restarts, entries of Envoy's log stream have nowhere to go: the file has
    // their ends.
    expect(Number(found['matched']) + Number(found['endOnlyInLog'])).toBe(413 + rolled)
    expect(found).toMatchObject({
      onlyInLog: 1,
      withoutRecord: 1,
      forged: 1,
      differing: 0,
      onlyInFlint: 0,
      unreadableLines: 0,
    })
    expect(JSON.parse(await first.cli('reconcile', '--json', envoy.log))).toMatchObject({
      matched: 414 + rolled,
      onlyInLog: 0,
      endOnlyInLog: 0,
    })
    expect(await ask("SELECT org, kind FROM evidence WHERE org = 'unattributed'")).toEqual([
      { org: 'unattributed', kind: 'access_log' },
    ])
    // What only the log has is listed once no observation is to be expected any more
    // (docs/decisions/006).
    const calls = async () => Number((await ask('SELECT count() AS n FROM calls'))[0]?.['n'])
    await until('every call to be listed', 30_000, async () => (await calls()) >= 413 + rolled + 1)
    expect(await calls()).toBe(413 + rolled + 1)
  })
})
