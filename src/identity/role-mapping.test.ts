import { describe, expect, test } from 'vitest'
import { createRoleMapping } from './role-mapping.ts'
import { userOf } from './user-claims.ts'

const ISSUER = 'https://login.example.com'
const mapping = createRoleMapping({
  issuer: ISSUER,
  org: 'org_1',
  roles: {
    staff: ['viewer'],
    audit: ['auditor'],
    legal: ['promptReader', 'auditor'],
    ops: ['admin'],
  },
})
const userWith = (roleValues: readonly string[], issuer = ISSUER) => {
  const user = userOf(issuer, { sub: '1' }, roleValues)
  if (user === null) throw new Error('the claims are good')
  return user
}

describe('the rights of a user', () => {
  test.each([
    [['staff'], ['read']],
    [['audit'], ['read', 'events']],
    [['legal'], ['read', 'prompts', 'events']],
    [['ops'], ['read', 'admin']],
    [
      ['staff', 'ops'],
      ['read', 'admin'],
    ],
    [['unknown'], []],
    [[], []],
  ])('with the values %j are %j', (values, scopes) => {
    expect(mapping.rightsOf('org_1', userWith(values))).toEqual(scopes)
  })

  test('are none in another organisation, or by another issuer', () => {
    expect(mapping.rightsOf('org_2', userWith(['ops']))).toEqual([])
    expect(mapping.rightsOf('org_1', userWith(['ops'], 'https://other.example.com'))).toEqual([])
  })

  test('come from no name that objects have by themselves', () => {
    expect(mapping.mapped(['constructor', '__proto__', 'toString'])).toEqual([])
  })
})

test('of a user’s groups those are kept that give a role, each once', () => {
  expect(mapping.mapped(['choir', 'ops', 'staff', 'ops'])).toEqual(['ops', 'staff'])
})
