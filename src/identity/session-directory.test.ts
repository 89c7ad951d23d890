import { beforeEach, expect, test } from 'vitest'
import type { SessionUse, UsedSession } from '../store/identity/session-log.ts'
import type { KeyAuthentication, Scope } from './principal.ts'
import { hashToken } from './session-cache.ts'
import { isActive, SessionDirectory } from './session-directory.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const START_MS = Date.UTC(2026, 0, 1)
const secret = Buffer.from('the secret of a test')

let nowMs: number
let session: UsedSession
let holder: KeyAuthentication
let loaded: boolean
let rights: readonly Scope[]
let written: SessionUse[] | 'away'
beforeEach(() => {
  nowMs = START_MS
  loaded = true
  rights = ['read']
  written = []
  holder = { org: 'org_1', keyId: 'key_1', scopes: ['read'] }
  session = {
    ...{ org: 'org_1', id: 'ses_1', tokenHash: hashToken(secret, 'token'), keyId: 'key_1' },
    ...{ user: null, linkId: null, endedAt: null, lastUsedAt: null },
    startedAt: new Date(START_MS).toISOString(),
    endsAt: new Date(START_MS + 12 * HOUR_MS).toISOString(),
  }
})

const open = () =>
  new SessionDirectory({
    cache: {
      get loaded() {
        return loaded
      },
      find: (hash) => (hash === session.tokenHash ? session : null),
      sessionsOf: (org) => (org === session.org ? [session] : []),
    },
    keys: { holderOf: () => holder },
    users: { rightsOf: () => rights },
    secret,
    idleMs: 30 * MINUTE_MS,
    async noteUses(uses) {
      if (written === 'away') throw new Error('ECONNREFUSED')
      written.push(...uses)
    },
    nowMs: () => nowMs,
  })
const use = (directory: SessionDirectory) => {
  const standing = directory.standingOf('token')
  if (isActive(standing)) directory.used(standing)
  return isActive(standing)
}
const scopesAre = (...scopes: readonly Scope[]) => {
  holder = { org: 'org_1', keyId: 'key_1', scopes }
}

test('a session is known by its token alone, and stands for what its key may do now', () => {
  const directory = open()
  expect(directory.standingOf('token')).toMatchObject({
    principal: { keyId: 'key_1', scopes: ['read'], session: { id: 'ses_1' } },
  })
  expect(directory.standingOf('Token')).toBe('unknown')
  scopesAre('read', 'prompts')
  expect(directory.standingOf('token')).toMatchObject({
    principal: { scopes: ['read', 'prompts'] },
  })
  scopesAre('proxy')
  expect(directory.standingOf('token')).toEqual({ ended: 'revoked' })
})

test.each(['revoked', 'expired', 'unknown'] as const)(
  'a session ends with its key, when that is %s',
  (refused) => {
    holder = { refused, principal: null }
    expect(open().standingOf('token')).toEqual({ ended: 'revoked' })
  },
)

test('without a list of keys or sessions no one is called signed out', () => {
  holder = { refused: 'unavailable', principal: null }
  expect(open().standingOf('token')).toBe('unavailable')
  loaded = false
  expect(open().standingOf('token')).toBe('unavailable')
})

test('a session that is not used for half an hour has ended; each use begins that anew', () => {
  const directory = open()
  for (let time = 0; time < 3; time++) {
    nowMs += 29 * MINUTE_MS
    expect(use(directory)).toBe(true)
  }
  nowMs += 30 * MINUTE_MS
  expect(directory.standingOf('token')).toEqual({ ended: 'idle' })
  expect(directory.activeOf('org_1')).toEqual([])
})

test('a use that another API wrote down counts', () => {
  nowMs += 45 * MINUTE_MS
  expect(open().standingOf('token')).toEqual({ ended: 'idle' })
  session = { ...session, lastUsedAt: new Date(nowMs - 20 * MINUTE_MS).toISOString() }
  expect(open().standingOf('token')).toMatchObject({ idleEndsAtMs: nowMs + 10 * MINUTE_MS })
})

test('after twelve hours a session has ended, however much it is used', () => {
  const directory = open()
  while (nowMs < START_MS + 12 * HOUR_MS) {
    expect(use(directory)).toBe(true)
    nowMs += 20 * MINUTE_MS
  }
  expect(directory.standingOf('token')).toEqual({ ended: 'expired' })
})

test('one that was ended here stays so while the store does not answer', () => {
  const directory = open()
  const standing = directory.standingOf('token')
  if (!isActive(standing)) throw new Error('it has ended')
  directory.endHere(standing)
  expect(directory.standingOf('token')).toEqual({ ended: 'signed_out' })
})

test('uses that the store does not take are written the next time, once', async () => {
  const directory = open()
  use(directory)
  written = 'away'
  await expect(directory.flush()).rejects.toThrow('ECONNREFUSED')
  written = []
  nowMs += MINUTE_MS
  use(directory)
  await directory.flush()
  await directory.flush()
  expect(written).toEqual([{ org: 'org_1', sessionId: 'ses_1', usedAtMs: START_MS + MINUTE_MS }])
})

test('a session of a user goes by what the roles of that user give now, and ends with them', () => {
  const user = {
    ...{ issuer: 'https://id.example.com', subject: '1', name: 'Vera', email: null },
    ...{ emailVerified: false, roleValues: ['auditors'] },
  }
  session = { ...session, keyId: null, user }
  const directory = open()
  expect(directory.standingOf('token')).toMatchObject({ principal: { user, scopes: ['read'] } })
  rights = []
  expect(directory.standingOf('token')).toEqual({ ended: 'revoked' })
})
