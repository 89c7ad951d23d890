import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { DAY_MS } from '../../evidence/day.ts'
import { createKeyAdmin, type NewKey } from '../../identity/key-admin.ts'
import { KeyCache, toCachedKey } from '../../identity/key-cache.ts'
import { DEFAULT_SCOPES, SCOPES } from '../../identity/principal.ts'
import { createStoreClient, type StoreClient } from '../../store/client/client.ts'
import { startTemporaryStore, type TemporaryStore } from '../../store/embedded/temporary-store.ts'
import { createIdentityLog } from '../../store/identity/identity-log.ts'
import { createKeyUses } from '../../store/identity/key-uses.ts'
import { stubApi } from '../stub-api.ts'
import { LISTED_KEY_EXAMPLE, type ListedKey, MADE_KEY_EXAMPLE } from './key-schemas.ts'

const pepper = Buffer.from('the pepper of a test')
const folder = temporaryDirectory()
const notAsked = () => Promise.reject(new Error('not asked'))

let store: TemporaryStore
let api: FastifyInstance
/** Two organisations' first keys, with all scopes. */
let ours: NewKey
let theirs: NewKey
/** Turns the clock of everything that asks for the time. */
let laterMs = 0

/**
 * An API with its own directory, which nothing refreshes but the API itself: `copy` is the
 * directory's file.
 */
function apiOn(client: StoreClient, copy: string) {
  const log = createIdentityLog(client)
  const nowMs = () => Date.now() + laterMs
  const admin = createKeyAdmin({ log, pepper, now: () => new Date(nowMs()) })
  const directory = new KeyCache({
    pepper,
    nowMs,
    // The tests turn the clock by days without a refresh.
    maxStaleMs: 100 * DAY_MS,
    file: path.join(folder, copy),
    load: async () => (await log.listKeys()).map(toCachedKey),
  })
  const made = stubApi({
    access: { authenticator: directory, failures: { note() {} }, used() {} },
    keys: {
      admin,
      lastUses: (org) => createKeyUses(client).lastUses(org),
      refreshDirectory: () => directory.refresh(),
      nowMs,
    },
  })
  return { api: made, admin, directory }
}

beforeAll(async () => {
  store = await startTemporaryStore()
})
beforeEach(async () => {
  laterMs = 0
  await store.client.run({ tag: 'test', sql: 'TRUNCATE TABLE identity_events' })
  const fresh = apiOn(store.client, 'copy.json')
  await api?.close()
  api = fresh.api
  ours = await fresh.admin.createKey({ actor: 'cli', org: 'org_1', name: 'ours', scopes: SCOPES })
  theirs = await fresh.admin.createKey({
    actor: 'cli',
    org: 'org_2',
    name: 'theirs',
    scopes: SCOPES,
  })
  await fresh.directory.refresh()
})
afterAll(async () => {
  await api?.close()
  await store?.stop()
})

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

async function ask(
  method: Method,
  url: string,
  { key = ours.key, body, on = api }: { key?: string; body?: unknown; on?: FastifyInstance } = {},
) {
  return on.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
}

async function make(body: Readonly<Record<string, unknown>>, key?: string): Promise<NewKey> {
  const answer = await ask('POST', '/v1/keys', { body, ...(key === undefined ? {} : { key }) })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json()
}

async function rotate(id: string, body?: Readonly<Record<string, unknown>>): Promise<NewKey> {
  const answer = await ask('POST', `/v1/keys/${id}/rotate`, { body })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json()
}

async function list(key?: string): Promise<readonly ListedKey[]> {
  const answer = await ask('GET', '/v1/keys', key === undefined ? {} : { key })
  expect(answer.statusCode, answer.body).toBe(200)
  const { keys }: { keys: readonly ListedKey[] } = answer.json()
  return keys
}

async function listed(id: string): Promise<ListedKey | undefined> {
  return (await list()).find((key) => key.id === id)
}

async function refused(
  method: Method,
  url: string,
  status: number,
  wish: { key?: string; body?: unknown; on?: FastifyInstance } = {},
) {
  const answer = await ask(method, url, wish)
  expect(answer.statusCode, `${method} ${url} ${JSON.stringify(wish.body)} ${answer.body}`).toBe(
    status,
  )
  const { error }: { error: { code: string; message: string; type: string; reason?: string } } =
    answer.json()
  expect(error.type).toBe('flint_error')
  return error
}

const isKnown = async (key: string) => (await ask('GET', '/v1/audit', { key })).statusCode !== 401

describe('200', () => {
  test('the list is the organisation’s own, with states, and has neither key nor hash', async () => {
    const plain = await make({ name: 'plain' })
    const ending = await make({
      name: 'ending',
      expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
    })
    const ended = await make({ name: 'ended' })
    expect((await ask('DELETE', `/v1/keys/${ended.id}`)).statusCode).toBe(204)
    laterMs = 2 * DAY_MS
    const keys = await list()
    expect(keys.map(({ name, state }) => [name, state]).toSorted()).toEqual([
      ['ended', 'revoked'],
      ['ending', 'expired'],
      ['ours', 'active'],
      ['plain', 'active'],
    ])
    expect(keys.find(({ id }) => id === plain.id)).toEqual({
      id: plain.id,
      name: 'plain',
      hint: `flnt_live_...${plain.key.slice(-4)}`,
      scopes: DEFAULT_SCOPES,
      createdAt: plain.createdAt,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
      state: 'active',
    })
    for (const key of keys)
      expect(Object.keys(key).toSorted()).toEqual(Object.keys(LISTED_KEY_EXAMPLE).toSorted())
    const text = JSON.stringify(keys)
    const rows = await createIdentityLog(store.client).listKeys()
    expect(rows).toHaveLength(5)
    for (const { keyHash } of rows) expect(text).not.toContain(keyHash)
    for (const { key } of [plain, ending, ended, ours, theirs]) expect(text).not.toContain(key)
    expect((await list(theirs.key)).map(({ id }) => id)).toEqual([theirs.id])
  })

  test('a renamed key is the same key', async () => {
    const { id, key } = await make({ name: 'before', scopes: ['proxy', 'read'] })
    const answer = await ask('PATCH', `/v1/keys/${id}`, { body: { name: 'nach, "dem" \\ 改名' } })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual(await listed(id))
    expect(answer.json()).toMatchObject({
      id,
      name: 'nach, "dem" \\ 改名',
      scopes: ['proxy', 'read'],
      state: 'active',
    })
    expect(await isKnown(key)).toBe(true)
  })

  test('renaming a revoked key does not bring it back', async () => {
    const { id, key } = await make({ name: 'gone' })
    await ask('DELETE', `/v1/keys/${id}`)
    expect(
      (await ask('PATCH', `/v1/keys/${id}`, { body: { name: 'still gone' } })).json(),
    ).toMatchObject({ state: 'revoked' })
    expect(await isKnown(key)).toBe(false)
  })
})

describe('201', () => {
  test('a key is shown once, works at once and has the first four scopes by default', async () => {
    const answer = await ask('POST', '/v1/keys', { body: { name: 'ci' } })
    expect(answer.statusCode).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    const made: NewKey = answer.json()
    expect(Object.keys(made).toSorted()).toEqual(Object.keys(MADE_KEY_EXAMPLE).toSorted())
    expect(made).toMatchObject({
      key: expect.stringMatching(/^flnt_live_\w{43}$/),
      name: 'ci',
      scopes: DEFAULT_SCOPES,
      expiresAt: null,
    })
    expect(await isKnown(made.key)).toBe(true)
    await refused('GET', '/v1/keys', 403, { key: made.key })
    const admin = await make({ name: 'admin', scopes: ['admin'], expiresAt: null })
    expect((await list(admin.key)).map(({ id }) => id)).toContain(made.id)
  })

  test('a key belongs to the organisation of the key that made it, and ends when it should', async () => {
    const expiresAt = new Date(Date.now() + DAY_MS).toISOString()
    const made = await make({ name: 'x'.repeat(100), scopes: ['read'], expiresAt }, theirs.key)
    expect(made.expiresAt).toBe(expiresAt)
    expect(await listed(made.id)).toBeUndefined()
    expect((await list(theirs.key)).map(({ id }) => id)).toContain(made.id)
    expect(await isKnown(made.key)).toBe(true)
    laterMs = DAY_MS + 1_000
    expect(await isKnown(made.key)).toBe(false)
    expect((await make({ name: 'zone', expiresAt: '2150-01-01T02:00:00+02:00' })).expiresAt).toBe(
      '2150-01-01T00:00:00.000Z',
    )
  })

  test('a rotated key stays in force for a day, or as long as one says', async () => {
    const old = await make({ name: 'ci', scopes: ['read', 'proxy'] })
    const fresh = await rotate(old.id)
    expect(fresh).toMatchObject({ name: 'ci', expiresAt: null })
    expect(fresh.scopes.toSorted()).toEqual(['proxy', 'read'])
    expect([fresh.id, fresh.key]).not.toContain(old.id)
    expect(fresh.key).not.toBe(old.key)
    const end = Date.parse((await listed(old.id))?.expiresAt ?? '')
    expect(Math.abs(end - Date.now() - DAY_MS)).toBeLessThan(30_000)
    expect([await isKnown(old.key), await isKnown(fresh.key)]).toEqual([true, true])
    laterMs = DAY_MS + 1_000
    expect([await isKnown(old.key), await isKnown(fresh.key)]).toEqual([false, true])

    const next = await rotate(fresh.id, { overlapSeconds: 60, expiresAt: '2150-01-01' })
    expect(next.expiresAt).toBe('2150-01-01T00:00:00.000Z')
    laterMs += 50_000
    expect(await isKnown(fresh.key)).toBe(true)
    laterMs += 11_000
    expect([await isKnown(fresh.key), await isKnown(next.key)]).toEqual([false, true])
  })

  test('without an overlap the old key ends at once, also the last one with scope admin: the new one has it', async () => {
    const fresh = await rotate(ours.id, { overlapSeconds: 0 })
    expect(fresh.scopes).toEqual(SCOPES)
    await refused('GET', '/v1/keys', 401)
    const keys = await list(fresh.key)
    expect(keys.find(({ id }) => id === ours.id)).toMatchObject({ state: 'expired' })
  })

  test('rotating never lengthens the old key’s time', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const old = await make({ name: 'short', expiresAt })
    await rotate(old.id, { overlapSeconds: 2_592_000 })
    expect(await listed(old.id)).toMatchObject({ expiresAt })
  })
})

describe('204', () => {
  test('a revoked key is unknown at once; again is no error and changes nothing', async () => {
    const made = await make({ name: 'ci' })
    const answer = await ask('DELETE', `/v1/keys/${made.id}`)
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect(await isKnown(made.key)).toBe(false)
    const { revokedAt } = (await listed(made.id)) ?? {}
    expect(revokedAt).toEqual(expect.any(String))
    laterMs = 5_000
    expect((await ask('DELETE', `/v1/keys/${made.id}`)).statusCode).toBe(204)
    expect(await listed(made.id)).toMatchObject({ revokedAt, state: 'revoked' })
  })

  test('a key may revoke itself', async () => {
    const second = await make({ name: 'second', scopes: ['admin'] })
    expect((await ask('DELETE', `/v1/keys/${ours.id}`)).statusCode).toBe(204)
    await refused('GET', '/v1/keys', 401)
    expect((await list(second.key)).map(({ state }) => state).toSorted()).toEqual([
      'active',
      'revoked',
    ])
  })

  test('an expired key with scope admin may go: it held nothing open', async () => {
    const ended = await make({
      name: 'ended',
      scopes: ['admin'],
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    })
    laterMs = 120_000
    expect((await ask('DELETE', `/v1/keys/${ended.id}`)).statusCode).toBe(204)
  })
})

describe('400', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['"orgId"', { name: 'a', orgId: 'org_2' }],
    ['"name" is missing', {}],
    ['"name"', { name: '' }],
    ['"name"', { name: '   ' }],
    ['"name"', { name: 'a\u0007b' }],
    ['"name"', { name: 'x'.repeat(101) }],
    ['"name" must be a string', { name: 7 }],
    ['"name" must be a string', { name: null }],
    ['"scopes"', { name: 'a', scopes: [] }],
    ['"scopes"', { name: 'a', scopes: 'read' }],
    ['"scopes.1"', { name: 'a', scopes: ['read', 'operator'] }],
    ['"scopes"', { name: 'a', scopes: ['read', 'read'] }],
    ['expiresAt', { name: 'a', expiresAt: '2020-01-01' }],
    ['expiresAt', { name: 'a', expiresAt: '2027-02-30' }],
    ['expiresAt', { name: 'a', expiresAt: '9999-01-01' }],
    ['expiresAt', { name: 'a', expiresAt: 'soon' }],
    ['"expiresAt" must be a string', { name: 'a', expiresAt: 4_102_444_800_000 }],
  ])('making a key names what is wrong: %s', async (part, body) => {
    expect(await refused('POST', '/v1/keys', 400, { body })).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(part),
    })
    expect(await list()).toHaveLength(1)
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['"overlapSeconds"', { overlapSeconds: -1 }],
    ['"overlapSeconds"', { overlapSeconds: 2_592_001 }],
    ['"overlapSeconds" must be an integer', { overlapSeconds: 1.5 }],
    // Text and null would become numbers, null a 0 that ends the key at once.
    ['"overlapSeconds" must be an integer', { overlapSeconds: null }],
    ['"overlapSeconds" must be an integer', { overlapSeconds: '60' }],
    ['expiresAt', { expiresAt: '2020-01-01' }],
    ['"name"', { name: 'new' }],
  ])('rotating a key names what is wrong: %s', async (part, body) => {
    const error = await refused('POST', `/v1/keys/${ours.id}/rotate`, 400, { body })
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(part),
    })
    expect(await list()).toEqual([expect.objectContaining({ id: ours.id, expiresAt: null })])
  })

  test('renaming a key takes a name, perhaps a reason, and nothing else', async () => {
    expect((await refused('PATCH', `/v1/keys/${ours.id}`, 400, { body: {} })).message).toContain(
      '"name" is missing',
    )
    expect(
      (
        await refused('PATCH', `/v1/keys/${ours.id}`, 400, {
          body: { name: 'a', scopes: ['read'] },
        })
      ).message,
    ).toContain('"scopes"')
    expect((await refused('PATCH', `/v1/keys/${ours.id}`, 400, { body: [] })).code).toBe(
      'invalid_request',
    )
    expect(await listed(ours.id)).toMatchObject({ name: 'ours', scopes: SCOPES })
  })

  test('a query is nothing these routes know, least of all an organisation', async () => {
    expect((await refused('GET', '/v1/keys?org=org_2', 400)).message).toContain('"org"')
    expect((await refused('DELETE', `/v1/keys/${ours.id}?force=true`, 400)).message).toContain(
      '"force"',
    )
  })
})

/** Every route, on a key of `org_1`. */
const routesOn = (id: string): readonly [Method, string, unknown][] => [
  ['GET', '/v1/keys', undefined],
  ['POST', '/v1/keys', { name: 'a' }],
  ['PATCH', `/v1/keys/${id}`, { name: 'a' }],
  ['POST', `/v1/keys/${id}/rotate`, {}],
  ['DELETE', `/v1/keys/${id}`, undefined],
]

describe('401 and 403', () => {
  test('without a valid key there is no route, not even for a body that is wrong', async () => {
    const ended = await make({ name: 'ended', scopes: ['admin'] })
    await ask('DELETE', `/v1/keys/${ended.id}`)
    for (const [method, url, body] of routesOn(ours.id))
      for (const key of ['flnt_live_unknown', ended.key, 'nonsense'])
        expect(
          await refused(method, url, 401, {
            key,
            ...(body === undefined ? {} : { body: { wrong: 1 } }),
          }),
        ).toMatchObject({
          code: 'invalid_api_key',
        })
  })

  test('every scope but admin is not enough, on every route', async () => {
    const { key, id } = await make({ name: 'all but admin' })
    for (const target of [ours.id, id])
      for (const [method, url, body] of routesOn(target))
        expect(await refused(method, url, 403, { key, body })).toMatchObject({
          code: 'forbidden',
          message: expect.stringContaining('"admin"'),
        })
    expect((await list()).map(({ name, state }) => [name, state]).toSorted()).toEqual([
      ['all but admin', 'active'],
      ['ours', 'active'],
    ])
  })
})

describe('404', () => {
  test('another organisation’s key cannot be distinguished from one that does not exist, and stays as it is', async () => {
    const victim = await make({ name: 'victim' }, theirs.key)
    const revoked = await make({ name: 'revoked' }, theirs.key)
    await ask('DELETE', `/v1/keys/${revoked.id}`, { key: theirs.key })
    const before = await list(theirs.key)
    for (const [index, [method, , body]] of routesOn('').slice(2).entries()) {
      const answers = await Promise.all(
        [victim.id, theirs.id, revoked.id, 'key_0000000000000000', '%27%20OR%201=1'].map((id) =>
          refused(method, routesOn(id)[index + 2]?.[1] ?? '', 404, { body }),
        ),
      )
      for (const answer of answers)
        expect(answer).toEqual({
          code: 'not_found',
          message: 'There is no key with this id.',
          type: 'flint_error',
        })
    }
    expect(await list(theirs.key)).toEqual(before)
    expect(await list()).toHaveLength(1)
  })
})

describe('409', () => {
  test('the last active key with scope admin cannot be revoked; other keys and other organisations’ do not count', async () => {
    await make({ name: 'plain' })
    const expiring = await make({
      name: 'expiring',
      scopes: ['admin'],
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    })
    const revoked = await make({ name: 'revoked', scopes: ['admin'] })
    await ask('DELETE', `/v1/keys/${revoked.id}`)
    laterMs = 120_000
    expect(await listed(expiring.id)).toMatchObject({ state: 'expired' })
    expect(await refused('DELETE', `/v1/keys/${ours.id}`, 409)).toMatchObject({
      code: 'conflict',
      reason: 'last_admin_key',
      message: expect.stringContaining('last active key with scope admin'),
    })
    expect(await listed(ours.id)).toMatchObject({ state: 'active', revokedAt: null })
  })

  test('two administrators who revoke each other at once: one stays', async () => {
    const second = await make({ name: 'second', scopes: ['admin'] })
    const answers = await Promise.all([
      ask('DELETE', `/v1/keys/${second.id}`),
      ask('DELETE', `/v1/keys/${ours.id}`, { key: second.key }),
    ])
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 409])
    const rows = await createIdentityLog(store.client).listKeys()
    expect(rows.filter(({ org, revokedAt }) => org === 'org_1' && revokedAt === null)).toHaveLength(
      1,
    )
  })

  test('a rename at the same time does not undo a revocation', async () => {
    const { id } = await make({ name: 'ci' })
    await Promise.all([
      ask('PATCH', `/v1/keys/${id}`, { body: { name: 'b' } }),
      ask('DELETE', `/v1/keys/${id}`),
      ask('PATCH', `/v1/keys/${id}`, { body: { name: 'c' } }),
    ])
    expect(await listed(id)).toMatchObject({ state: 'revoked' })
  })

  test('a key that has ended cannot be rotated back to life', async () => {
    const revoked = await make({ name: 'revoked' })
    await ask('DELETE', `/v1/keys/${revoked.id}`)
    const expired = await make({
      name: 'expired',
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    })
    laterMs = 120_000
    for (const { id } of [revoked, expired])
      expect(await refused('POST', `/v1/keys/${id}/rotate`, 409)).toMatchObject({
        code: 'conflict',
        reason: 'not_active',
      })
    expect(await list()).toHaveLength(3)
  })
})

describe('503', () => {
  test('a ClickHouse that is away is audit_unavailable on every route', async () => {
    const nowhere = createStoreClient({ ...store.server, socketPath: '/nowhere/clickhouse.sock' })
    // The copy of the directory on disk still knows the key.
    const cut = apiOn(nowhere, 'copy.json')
    for (const [method, url, body] of routesOn(ours.id))
      expect(await refused(method, url, 503, { on: cut.api, body })).toMatchObject({
        code: 'audit_unavailable',
      })
    await cut.api.close()
    await nowhere.close()
    expect(await list()).toHaveLength(1)
  })

  test('a change that is stored is a success also when the directory cannot be read again just then', async () => {
    const { admin, directory, api: unused } = apiOn(store.client, 'copy.json')
    await unused.close()
    const half = stubApi({
      access: { authenticator: directory, failures: { note() {} }, used() {} },
      keys: { admin, lastUses: notAsked, refreshDirectory: notAsked },
    })
    const made = await ask('POST', '/v1/keys', { on: half, body: { name: 'made' } })
    expect(made.statusCode).toBe(201)
    await half.close()
    expect((await list()).map(({ name }) => name).toSorted()).toEqual(['made', 'ours'])
  })
})
