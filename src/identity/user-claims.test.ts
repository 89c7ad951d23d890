import { describe, expect, test } from 'vitest'
import { nameOfUser } from './user.ts'
import { roleValuesOf, userOf } from './user-claims.ts'

describe('the role claim', () => {
  test.each([
    ['groups', { groups: ['a', 'b'] }, ['a', 'b']],
    ['groups', { groups: 'a' }, ['a']],
    ['groups', { groups: [] }, []],
    ['groups', { groups: ['a', 7, null, {}, ''] }, ['a']],
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
    ['https://example.com/roles', { 'https://example.com/roles': ['a'] }, ['a']],
    ['a.b', { 'a.b': ['flat'], a: { b: ['deep'] } }, ['flat']],
    ['groups', {}, null],
    ['groups', { groups: null }, null],
    ['constructor.name', {}, null],
  ])('%s of %j is %j', (name, claims, values) => {
    expect(roleValuesOf(claims, name)).toEqual(values)
  })
})

describe('a user', () => {
  test('is known by issuer and subject; an address is verified only where that is said', () => {
    const user = (email_verified?: unknown) =>
      userOf('https://i', { sub: '7', name: 'Ada', email: 'a@b.example', email_verified }, ['x'])
    expect(user(true)).toEqual({
      ...{ issuer: 'https://i', subject: '7', name: 'Ada', email: 'a@b.example' },
      ...{ emailVerified: true, roleValues: ['x'] },
    })
    expect([user(), user('true'), user(1)].map((one) => one?.emailVerified)).toEqual([
      ...[false, false, false],
    ])
  })

  test.each([undefined, '', 7, 'a b', 'ü', 'x'.repeat(256)])('has no subject like %j', (sub) => {
    expect(userOf('https://i', { sub }, [])).toBeNull()
  })

  test('is called by an address, a name, or the subject, and it says what no one vouches for', () => {
    const called = (claims: Record<string, unknown>) => {
      const user = userOf('https://i', { sub: '7', ...claims }, [])
      return user && nameOfUser(user)
    }
    expect(called({ name: 'Ada', email: 'a@b.example', email_verified: true })).toBe('a@b.example')
    expect(called({ email: 'a@b.example' })).toBe('a@b.example (unverified)')
    expect(called({ name: 'root@corp.example' })).toBe('root@corp.example (unverified)')
    expect(called({})).toBe('7')
  })
})
