import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { createKeyAdmin, type KeyAdmin } from './key-admin.ts'
import { KeyCache, toCachedKey } from './key-cache.ts'
import { DEFAULT_SCOPES, isRefused, SCOPES } from './principal.ts'

let store: TemporaryStore
const pepper = Buffer.from('the pepper of a test')
const actor = 'cli'
const bootstrapKey = 'flnt_live_bootstrapbootstrapbootstrap00000000001'

beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())
beforeEach(async () => {
  await store.client.run({ tag: 'test', sql: 'TRUNCATE TABLE identity_events' })
})

const admin = (): KeyAdmin => createKeyAdmin({ log: createIdentityLog(store.client), pepper })

async function principalOf(key: string) {
  const directory = temporaryDirectory()
  const keys = new KeyCache({
    pepper,
    file: path.join(directory, 'copy.json'),
    load: async () => (await admin().listKeys()).map(toCachedKey),
  })
  await keys.refresh()
  const known = keys.authenticate(key)
  return isRefused(known) ? null : known
}

describe('the first organisation', () => {
  test('is made once, with a key that may do everything and is shown only then', async () => {
    const first = await admin().ensureFirstOrganisation(undefined)
    expect(first).toMatchObject({ scopes: SCOPES, key: expect.stringMatching(/^flnt_live_/) })
    expect(await admin().ensureFirstOrganisation(undefined)).toBeNull()
    expect(await admin().ensureFirstOrganisation(bootstrapKey)).toBeNull()
    expect(await admin().listOrganisations()).toHaveLength(1)
    expect(await principalOf(first?.key ?? '')).toEqual({
      org: first?.org,
      keyId: first?.id,
      scopes: SCOPES,
    })
    expect(JSON.stringify(await admin().listKeys())).not.toContain(first?.key)
    expect(await principalOf(bootstrapKey)).toBeNull()
  })

  test('is one also when two replicas start at once with the same bootstrap key', async () => {
    const [one, other] = await Promise.all([
      admin().ensureFirstOrganisation(bootstrapKey),
      admin().ensureFirstOrganisation(bootstrapKey),
    ])
    const [organisation, ...more] = await admin().listOrganisations()
    expect(more).toEqual([])
    expect(await admin().listKeys()).toHaveLength(1)
    for (const made of [one, other]) expect([undefined, organisation?.id]).toContain(made?.org)
    expect(await principalOf(bootstrapKey)).toMatchObject({ org: organisation?.id, scopes: SCOPES })
  })

  test('is made by the next start when the first one died before it was done', async () => {
    const log = createIdentityLog(store.client)
    const dying = createKeyAdmin({
      log: { ...log, append: () => Promise.reject(new Error('killed')) },
      pepper,
    })
    await expect(dying.ensureFirstOrganisation(bootstrapKey)).rejects.toThrow('killed')
    expect(await admin().ensureFirstOrganisation(bootstrapKey)).toMatchObject({ key: bootstrapKey })
    expect(await admin().listKeys()).toHaveLength(1)
  })
})

describe('further keys', () => {
  test('have all scopes but admin by default, and end when they should', async () => {
    const first = await admin().ensureFirstOrganisation(undefined)
    const org = first?.org ?? ''
    const plain = await admin().createKey({ actor, org, name: 'plain' })
    const reader = await admin().createKey({ actor, org, name: 'reader', scopes: ['read'] })
    const expired = await admin().createKey({
      actor,
      org,
      name: 'expired',
      expiresAt: new Date(Date.now() - 1),
    })
    expect(await principalOf(plain.key)).toEqual({ org, keyId: plain.id, scopes: DEFAULT_SCOPES })
    expect(await principalOf(reader.key)).toMatchObject({ scopes: ['read'] })
    expect(await principalOf(expired.key)).toBeNull()
    expect(await admin().revokeKey({ actor, id: plain.id })).toBe(true)
    expect(await admin().revokeKey({ actor, id: plain.id })).toBe(true)
    expect(await admin().revokeKey({ actor, id: 'key_nobody' })).toBe(false)
    expect(await principalOf(plain.key)).toBeNull()
    expect(await principalOf(reader.key)).not.toBeNull()
  })

  test('are changed only by their own organisation, and its last one with scope admin goes only by the operator’s hand', async () => {
    const { id, key } = await admin().createKey({
      actor,
      org: 'org_a',
      name: 'a',
      scopes: ['admin'],
    })
    const foreign = { actor, org: 'org_b', id }
    expect(await admin().revokeOwnKey(foreign)).toBe('not_found')
    expect(await admin().renameKey({ ...foreign, name: 'b' })).toBe('not_found')
    expect(await admin().rotateKey({ ...foreign, overlapMs: 0 })).toBe('not_found')
    expect(await admin().revokeOwnKey({ actor, org: 'org_a', id })).toBe('last_admin_key')
    expect(await admin().listKeys()).toEqual([
      expect.objectContaining({ org: 'org_a', name: 'a', expiresAt: null, revokedAt: null }),
    ])
    expect(await principalOf(key)).toMatchObject({ org: 'org_a' })
    expect(await admin().revokeKey({ actor, id })).toBe(true)
    expect(await principalOf(key)).toBeNull()
    expect(await admin().rotateKey({ actor, org: 'org_a', id, overlapMs: 0 })).toBe('not_active')
  })

  test('go on changing after a change that failed', async () => {
    const log = createIdentityLog(store.client)
    let away = false
    const keys = createKeyAdmin({
      log: {
        ...log,
        append: (events) => (away ? Promise.reject(new Error('away')) : log.append(events)),
      },
      pepper,
    })
    const { id } = await keys.createKey({ actor, org: 'org_a', name: 'a' })
    away = true
    await expect(keys.renameKey({ actor, org: 'org_a', id, name: 'b' })).rejects.toThrow('away')
    away = false
    expect(await keys.renameKey({ actor, org: 'org_a', id, name: 'c' })).toMatchObject({
      id,
      name: 'c',
    })
  })

  test('are listed per organisation, without their hashes giving the key away', async () => {
    const made = await admin().createKey({ actor, org: 'org_a', name: 'a' })
    await admin().createKey({ actor, org: 'org_b', name: 'b' })
    expect(
      (await admin().listKeys('org_a')).map(({ id, name, hint }) => ({ id, name, hint })),
    ).toEqual([{ id: made.id, name: 'a', hint: `flnt_live_...${made.key.slice(-4)}` }])
    expect(await admin().listKeys()).toHaveLength(2)
  })
})

test('many first starts at once agree on one pepper', async () => {
  const directory = path.join(temporaryDirectory(), 'secrets')
  const module = path.resolve(import.meta.dirname, '../../dist/src/identity/secrets.js')
  const program = `const { installationSecrets } = await import(process.argv[1]); console.log(installationSecrets(undefined, process.argv[2]).keyPepper.toString('hex'))`
  const starts = Array.from({ length: 8 }, async () => {
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', program, module, directory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let text = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk
    return text.trim()
  })
  const peppers = new Set(await Promise.all(starts))
  expect([...peppers]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  expect(fs.readdirSync(directory)).toEqual(['key-pepper'])
})
