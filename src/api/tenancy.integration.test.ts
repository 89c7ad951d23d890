import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, OPERATOR_KEY, startApiOnStore } from '../../test/support/api-on-store.ts'
import { Browser, toApi } from '../../test/support/browser.ts'
import {
  sampleCall,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../evidence/sample-evidence.ts'
import { createSettler } from '../store/calls/settle.ts'

/**
 * A record, a prompt and a key of the other organisation, and every route with them: the answer
 * must be that of nothing.
 */
let flint: ApiOnStore
let theirRecord: string
let theirPrompt: string
let theirHold: string
let theirView: string
let theirSession: string
let theirSettled: { org: string; createdAtMs: number; id: number }
const unknown = sampleRecordId(Date.now() - 5_000, 999)

beforeAll(async () => {
  flint = await startApiOnStore()
  const createdAtMs = Date.now() - 5_000
  theirRecord = sampleRecordId(createdAtMs, 1)
  theirSettled = { org: flint.theirs.org, createdAtMs: createdAtMs - 5 * 3_600_000, id: 1 }
  await flint.put(
    sampleIntent(theirSettled),
    sampleObservation(theirSettled, { model: 'their-model' }),
  )
  await createSettler({ client: flint.store.client }).run()
  await flint.put(
    ...sampleCall({ org: flint.theirs.org, createdAtMs, id: 1 }),
    ...sampleCall({ org: flint.ours.org, createdAtMs, id: 2 }),
  )
  await flint.ask('PATCH', '/v1/settings', { key: flint.theirs.key, body: { promptCapture: true } })
  const reported = await flint.ask('POST', '/v1/audit/report', {
    key: flint.theirs.key,
    body: {
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      response: { model: 'gpt-4o' },
      messages: [{ role: 'user', content: 'theirs' }],
    },
  })
  await flint.deliver()
  theirPrompt = reported.body.requestId
  const hold = { reason: 'theirs', filter: { to: '2000-01-01' } }
  theirHold = (await flint.ask('POST', '/v1/holds', { key: flint.theirs.key, body: hold })).body.id
  const view = { name: 'theirs', query: '', shared: true }
  theirView = (await flint.ask('POST', '/v1/views', { key: flint.theirs.key, body: view })).body.id
  await new Browser(toApi(flint.api)).signIn(flint.theirs.key)
  theirSession = await onlySessionOf(flint.theirs.key)
  expect(
    (await flint.ask('GET', `/v1/audit/prompt/${theirPrompt}`, { key: flint.theirs.key })).status,
  ).toBe(200)
})
afterAll(() => flint?.stop())

async function onlySessionOf(key: string): Promise<string> {
  const { body } = await flint.ask('GET', '/v1/sessions', { key })
  const [session, ...others] = (body as unknown as { sessions: { id: string }[] }).sessions
  expect(others).toEqual([])
  return session?.id ?? expect.fail('no session')
}

const TRIED = new Set<string>()
async function ask(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  route: string,
  id: string | null,
  body?: unknown,
  query = '',
) {
  TRIED.add(`${method.toLowerCase()} ${route}`)
  const url = id === null ? route : route.replace(/\{\w+\}/, id)
  const { status, body: answer } = await flint.ask(
    method,
    url + query,
    body === undefined ? {} : { body },
  )
  return { status, body: answer }
}

test('another organisation’s record, prompt and key cannot be distinguished from ones that do not exist', async () => {
  for (const [method, route, theirs, none, body] of [
    ['GET', '/v1/audit/{requestId}', theirRecord, unknown, undefined],
    ['GET', '/v1/audit/{requestId}/evidence', theirRecord, unknown, undefined],
    ['DELETE', '/v1/audit/{requestId}', theirRecord, unknown, undefined],
    ['GET', '/v1/audit/prompt/{requestId}', theirPrompt, unknown, undefined],
    ['GET', '/v1/audit/prompt/{requestId}/attachments/{sha256}', theirPrompt, unknown, undefined],
    ['GET', '/v1/audit/prompt/{requestId}/reads', theirPrompt, unknown, undefined],
    ['PATCH', '/v1/keys/{id}', flint.theirs.id, 'key_nobody', { name: 'x' }],
    ['POST', '/v1/keys/{id}/rotate', flint.theirs.id, 'key_nobody', {}],
    ['DELETE', '/v1/keys/{id}', flint.theirs.id, 'key_nobody', undefined],
    ['DELETE', '/v1/holds/{id}', theirHold, unknown, undefined],
    ['PATCH', '/v1/views/{id}', theirView, unknown, { name: 'x' }],
    ['DELETE', '/v1/views/{id}', theirView, unknown, undefined],
    ['DELETE', '/v1/sessions/{id}', theirSession, 'ses_unknown', undefined],
  ] as const) {
    const query = route.startsWith('/v1/holds') ? '?reason=over' : ''
    const asked = await ask(method, route, theirs, body, query)
    expect(asked, `${method} ${route}`).toEqual(await ask(method, route, none, body, query))
    expect(asked.status).toBe(404)
  }
  expect(
    (await flint.ask('GET', `/v1/audit/${theirRecord}`, { key: flint.theirs.key })).status,
  ).toBe(200)
  expect((await flint.ask('GET', '/v1/settings', { key: flint.theirs.key })).status).toBe(200)
})

test('lists, settings, events and erasure see their own organisation only', async () => {
  const { records } = (await ask('GET', '/v1/audit', null)).body
  expect(records.map(({ keyId }) => keyId)).toHaveLength(1)
  const { keys } = (await ask('GET', '/v1/keys', null)).body
  expect(keys.map(({ id }) => id)).toEqual([flint.ours.id])
  expect((await ask('GET', '/v1/keys/names', null)).body).toEqual({
    names: { [flint.ours.id]: flint.ours.name },
  })
  expect((await ask('GET', '/v1/me', null)).body).toMatchObject({
    ...{ keyId: flint.ours.id, org: { id: flint.ours.org, name: 'ours' } },
    capture: { on: false, readsToday: 0, readersToday: 0 },
  })
  const system = (await ask('GET', '/v1/system', null)).body
  // Their revision is 1, and numbers of all organisations together are not shown to one of two.
  expect(system).toMatchObject({ settingsRevision: 0, backlog: null })
  expect((await ask('GET', '/v1/settings', null)).body.promptCapture).toBe(false)
  await ask('PATCH', '/v1/settings', null, { retentionDays: 30 })
  expect((await flint.ask('GET', '/v1/settings', { key: flint.theirs.key })).body).toMatchObject({
    retentionDays: 90,
    promptCapture: true,
  })
  await flint.ask('POST', '/v1/orgs/workloads', {
    key: OPERATOR_KEY,
    body: { org: flint.theirs.org, namespace: 'theirs' },
  })
  expect((await ask('GET', '/v1/workloads', null)).body.workloads).toEqual([])
  expect((await ask('GET', '/v1/coverage', null)).body).toMatchObject({ groups: [], hosts: [] })
  expect((await ask('GET', '/v1/holds', null)).body.holds).toEqual([])
  expect(
    (await ask('POST', '/v1/holds', null, { reason: 'ours', filter: { to: '2000-01-01' } })).status,
  ).toBe(201)
  expect((await flint.ask('GET', '/v1/holds', { key: flint.theirs.key })).body.holds).toHaveLength(
    1,
  )
  expect((await ask('GET', '/v1/views', null)).body.views).toEqual([])
  await ask('POST', '/v1/views', null, { name: 'ours', query: '' })
  const theirViews = await flint.ask('GET', '/v1/views', { key: flint.theirs.key })
  expect(theirViews.body.views.map(({ id }) => id)).toEqual([theirView])
  expect((await ask('GET', '/v1/sessions', null)).body).toEqual({ sessions: [] })
  expect(await onlySessionOf(flint.theirs.key)).toBe(theirSession)
  const { events } = (await ask('GET', '/v1/audit/events', null)).body
  expect(JSON.stringify(events)).not.toMatch(
    new RegExp(`${flint.theirs.org}|${flint.theirs.id}|${theirPrompt}`),
  )
  expect(
    (await ask('GET', '/v1/audit/events', null, undefined, `?subject=${theirPrompt}`)).body.events,
  ).toEqual([])
  expect(
    JSON.stringify(
      (await ask('GET', '/v1/audit/losses', null, undefined, '?from=2020-01-01')).body,
    ),
  ).not.toContain(theirRecord)
  expect(
    (
      await ask('GET', '/v1/audit/top', null, undefined, '?by=costUsd&from=2020-01-01')
    ).body.records.map(({ requestId }) => requestId),
  ).not.toContain(sampleRecordId(theirSettled.createdAtMs, theirSettled.id))
  const byModel = '?from=2020-01-01&to=2030-01-01&bucket=1mo&groupBy=model'
  expect(
    JSON.stringify((await ask('GET', '/v1/audit/summary', null, undefined, byModel)).body),
  ).not.toContain('their-model')
  expect(
    JSON.stringify(
      (await flint.ask('GET', `/v1/audit/summary${byModel}`, { key: flint.theirs.key })).body,
    ),
  ).toContain('their-model')
  expect((await ask('GET', '/v1/audit/find', null, undefined, `?id=${theirRecord}`)).body).toEqual({
    requestIds: [],
  })
  const facets = await ask('GET', '/v1/audit/facets', null, undefined, '?field=keyId')
  expect(facets.body).toMatchObject({ values: [{ count: 1 }] })
  // An answer without an end: live.integration.test.ts looks on for another organisation.
  TRIED.add('get /v1/audit/live')
  TRIED.add('get /v1/audit/export')
  const file = await flint.api.inject({
    method: 'GET',
    url: '/v1/audit/export?format=csv',
    headers: { authorization: `Bearer ${flint.ours.key}` },
  })
  expect(file.headers['x-flint-rows']).toBe('1')
  expect(file.payload).not.toContain(theirRecord)
  expect((await ask('POST', '/v1/audit/erasures', null, { from: '2020-01-01' })).body.matched).toBe(
    1,
  )
  await ask('POST', '/v1/audit/report', null, {
    provider: 'openai',
    endpoint: '/v1/x',
    response: {},
  })
  await ask('POST', '/v1/keys', null, { name: 'mine' })
})

test('cursors and confirmations of another organisation are refused', async () => {
  for (let id = 3; id < 6; id++)
    await flint.put(...sampleCall({ org: flint.theirs.org, createdAtMs: Date.now() - 4_000, id }))
  const page = (await flint.ask('GET', '/v1/audit?limit=1', { key: flint.theirs.key })).body
    .nextCursor
  const events = (await flint.ask('GET', '/v1/audit/events?limit=1', { key: flint.theirs.key }))
    .body.nextCursor
  const { confirm } = (
    await flint.ask('POST', '/v1/audit/erasures', {
      key: flint.theirs.key,
      body: { from: '2020-01-01' },
    })
  ).body
  expect([page, events, confirm]).toEqual([
    expect.any(String),
    expect.any(String),
    expect.any(String),
  ])
  for (const { status } of [
    await ask('GET', '/v1/audit', null, undefined, `?cursor=${page}`),
    await ask('GET', '/v1/audit/events', null, undefined, `?cursor=${events}`),
    // A cursor of one list is not valid for another, in one's own organisation too.
    await ask('GET', '/v1/audit', null, undefined, `?cursor=${events}`),
    await ask('POST', '/v1/audit/erasures', null, { from: '2020-01-01', confirm }),
  ])
    expect(status).toBe(400)
})

test('no route was forgotten here: each that a Flint key opens was tried with another organisation’s things', async () => {
  const { paths } = flint.api.swagger() as {
    paths: Record<string, Record<string, { security?: readonly object[] }>>
  }
  const keyed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security }]) =>
      security?.some((scheme) => 'flintKey' in scheme) ? [`${method} ${path}`] : [],
    ),
  )
  expect(keyed.length).toBeGreaterThan(10)
  expect([...TRIED].toSorted()).toEqual(keyed.toSorted())
  for (const path of Object.keys(paths).filter((name) => name.startsWith('/v1/orgs')))
    expect(
      (await flint.ask('GET', path.replace('{id}', flint.theirs.org), { key: flint.ours.key }))
        .status,
    ).not.toBe(200)
  expect((await flint.ask('GET', '/v1/orgs', { key: OPERATOR_KEY })).status).toBe(200)
})
