import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { hashFlintKey, makeFlintKey } from './flint-key.ts'
import { type CachedKey, KeyCache, type KeyCacheOptions } from './key-cache.ts'
import type { Principal, Refusal } from './principal.ts'

const pepper = Buffer.from('the pepper of a test')
const HOUR_MS = 3_600_000
let file: string
let nowMs: number
let store: CachedKey[] | 'away'

beforeEach(() => {
  file = path.join(temporaryDirectory(), 'secrets', 'key-directory.json')
  nowMs = Date.UTC(2026, 0, 1)
  store = []
})

function openDirectory(options: Partial<KeyCacheOptions> = {}): KeyCache {
  const load = async () => {
    if (store === 'away') throw new Error('ECONNREFUSED')
    return store
  }
  return new KeyCache({ pepper, file, load, nowMs: () => nowMs, ...options })
}

const OURS: Principal = { org: 'org_1', keyId: 'key_1', scopes: ['proxy', 'read'] }
const refused = (why: Refusal, principal: Principal | null = null) => ({ refused: why, principal })

/** A key that the store knows. */
function issue(overrides: Partial<CachedKey> = {}): string {
  const key = makeFlintKey()
  const entry = {
    keyHash: hashFlintKey(pepper, key),
    org: 'org_1',
    keyId: 'key_1',
    scopes: ['proxy', 'read'],
    expiresAtMs: null,
    revokedAtMs: null,
    ...overrides,
  }
  store = store === 'away' ? [entry] : [...store, entry]
  return key
}

describe('a key', () => {
  test('is known by itself alone: its organisation, id and scopes', async () => {
    const key = issue()
    const directory = openDirectory()
    expect([directory.loaded, directory.authenticate(key)]).toEqual([false, refused('unavailable')])
    await directory.refresh()
    expect(directory.authenticate(key)).toEqual({
      org: 'org_1',
      keyId: 'key_1',
      scopes: ['proxy', 'read'],
    })
    for (const other of [
      makeFlintKey(),
      '',
      key.slice(0, -1),
      `${key}x`,
      'constructor',
      '__proto__',
    ])
      expect(directory.authenticate(other)).toEqual(refused('unknown'))
  })

  test('made under the pepper before is known while that is set, and a new one under the new pepper', async () => {
    const key = issue()
    const changed = Buffer.from('the pepper after the change')
    const made = makeFlintKey()
    issue({ keyHash: hashFlintKey(changed, made), keyId: 'key_2' })
    const directory = openDirectory({ pepper: changed, previousPepper: pepper })
    await directory.refresh()
    expect(directory.authenticate(key)).toMatchObject({ keyId: 'key_1' })
    expect(directory.authenticate(made)).toMatchObject({ keyId: 'key_2' })
  })

  test('of an unchanged revision is not loaded again, and its copy on disk does not grow old', async () => {
    const key = issue()
    let loads = 0
    let revision = '1'
    const load = async () => {
      loads += 1
      return store === 'away' ? [] : store
    }
    const directory = openDirectory({ load, revision: async () => revision })
    await directory.refresh()
    nowMs += 23 * HOUR_MS
    await directory.refresh()
    expect([loads, directory.staleMs()]).toEqual([1, 0])
    nowMs += 2 * HOUR_MS
    expect(openDirectory().authenticate(key)).toEqual(OURS)
    const later = issue({ keyId: 'key_2' })
    revision = '2'
    await directory.refresh()
    expect(loads).toBe(2)
    expect(directory.authenticate(later)).toMatchObject({ keyId: 'key_2' })
  })

  test('stays known when the store answers with no keys at all: that is not our store', async () => {
    const key = issue()
    const directory = openDirectory()
    await directory.refresh()
    store = []
    await expect(directory.refresh()).rejects.toThrow('not believed')
    expect(directory.authenticate(key)).toEqual(OURS)
    // Nor does the copy on disk know less afterwards.
    expect(openDirectory().authenticate(key)).toEqual(OURS)
  })

  test('is not known under another pepper', async () => {
    const key = issue()
    const directory = openDirectory({ pepper: Buffer.from('another') })
    await directory.refresh()
    expect(directory.authenticate(key)).toEqual(refused('unknown'))
  })

  test('does only what this version knows: unknown scopes are ignored', async () => {
    const key = issue({ scopes: ['proxy', 'teleport', 'constructor'] })
    const directory = openDirectory()
    await directory.refresh()
    expect(directory.authenticate(key)).toMatchObject({ scopes: ['proxy'] })
  })

  test('ends at its time, without any refresh', async () => {
    const key = issue({ expiresAtMs: nowMs + HOUR_MS })
    const directory = openDirectory()
    await directory.refresh()
    nowMs += HOUR_MS - 1
    expect(directory.authenticate(key)).toEqual(OURS)
    nowMs += 1
    expect(directory.authenticate(key)).toEqual(refused('expired', OURS))
  })

  test('ends with its revocation at the next refresh, also when it was used a moment ago', async () => {
    const key = issue()
    const directory = openDirectory()
    await directory.refresh()
    expect(directory.authenticate(key)).toEqual(OURS)
    store = store === 'away' ? store : store.map((entry) => ({ ...entry, revokedAtMs: nowMs }))
    await directory.refresh()
    expect(directory.authenticate(key)).toEqual(refused('revoked', OURS))
  })
})

describe('while the store is away', () => {
  test('known keys stay valid, also over a restart, but not longer than a day', async () => {
    const key = issue()
    const before = openDirectory()
    await before.refresh()
    store = 'away'
    await expect(before.refresh()).rejects.toThrow('ECONNREFUSED')
    expect(before.authenticate(key)).toEqual(OURS)
    const after = openDirectory()
    await expect(after.refresh()).rejects.toThrow('ECONNREFUSED')
    expect(after.loaded).toBe(true)
    expect(after.authenticate(key)).toEqual(before.authenticate(key))
    nowMs += 24 * HOUR_MS
    expect(after.authenticate(key)).toMatchObject({ org: 'org_1' })
    nowMs += 1
    for (const directory of [before, after, openDirectory()])
      expect(directory.authenticate(key)).toEqual(refused('unavailable'))
    expect(after.staleMs()).toBe(24 * HOUR_MS + 1)
  })

  test('expiry and revocation hold in the copy too', async () => {
    const expiring = issue({ expiresAtMs: nowMs + 1 })
    const revoked = issue({ revokedAtMs: nowMs })
    await openDirectory().refresh()
    nowMs += 1
    const restarted = openDirectory()
    expect([restarted.authenticate(expiring), restarted.authenticate(revoked)]).toEqual([
      refused('expired', OURS),
      refused('revoked', OURS),
    ])
  })

  test('it is asked again until it is back', async () => {
    store = 'away'
    const errors: unknown[] = []
    const directory = openDirectory()
    const refresh = () => directory.refresh().catch((error) => errors.push(error))
    await refresh()
    await refresh()
    expect(errors.length).toBeGreaterThan(1)
    const key = issue()
    await eventually(async () => {
      await refresh()
      expect(directory.authenticate(key)).toEqual(OURS)
    })
  })
})

describe('the copy on disk', () => {
  test('is the owner’s alone and holds no key', async () => {
    const key = issue()
    await openDirectory().refresh()
    const copy = fs.readFileSync(file, 'utf8')
    expect(copy).not.toContain(key)
    expect(copy).not.toContain(key.slice('flnt_live_'.length))
    expect(copy).not.toContain(pepper.toString())
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(fs.readdirSync(path.dirname(file))).toEqual([path.basename(file)])
  })

  test.each([
    ['half of it', (copy: string) => copy.slice(0, copy.length / 2)],
    ['nothing', () => ''],
    ['no list', () => '{"loadedAtMs":1,"entries":7}'],
    [
      'an entry of another shape',
      (copy: string) => copy.replace(/"revokedAtMs":null/, '"revokedAtMs":"no"'),
    ],
    ['no time', (copy: string) => copy.replace(/"loadedAtMs":\d+/, '"loadedAtMs":null')],
    [
      'a time that is none',
      (copy: string) => copy.replace(/"loadedAtMs":\d+/, '"loadedAtMs":"today"'),
    ],
    ['null', () => 'null'],
  ])('when damaged (%s) is ignored, and made anew by the next refresh', async (_, damage) => {
    const key = issue()
    await openDirectory().refresh()
    fs.writeFileSync(file, damage(fs.readFileSync(file, 'utf8')))
    const directory = openDirectory()
    expect([directory.loaded, directory.authenticate(key)]).toEqual([false, refused('unavailable')])
    await directory.refresh()
    expect(directory.authenticate(key)).toEqual(OURS)
    expect(openDirectory().authenticate(key)).toEqual(OURS)
  })
})

describe('another process of the same data directory', () => {
  test('makes a revocation known here at once, without a refresh', async () => {
    const key = issue()
    const here = openDirectory()
    await here.refresh()
    here.watchCopy()
    try {
      await eventually(() => expect(here.authenticate(key)).toEqual(OURS))
      const there = openDirectory()
      nowMs += 1
      store = store === 'away' ? store : store.map((entry) => ({ ...entry, revokedAtMs: nowMs }))
      await there.refresh()
      await eventually(() => expect(here.authenticate(key)).toEqual(refused('revoked', OURS)))
    } finally {
      here.stop()
    }
  })

  test('does not bring an older list back', async () => {
    const key = issue()
    await openDirectory().refresh()
    const copy = fs.readFileSync(file)
    nowMs += 1
    store = store === 'away' ? store : store.map((entry) => ({ ...entry, revokedAtMs: nowMs }))
    const here = openDirectory()
    await here.refresh()
    here.watchCopy()
    try {
      fs.writeFileSync(file, copy)
      // A later, newer copy shows that the older one was seen.
      nowMs += 1
      const second = issue()
      await openDirectory().refresh()
      await eventually(() => expect(here.authenticate(second)).toEqual(OURS))
      expect(here.authenticate(key)).toEqual(refused('revoked', OURS))
    } finally {
      here.stop()
    }
  })
})
