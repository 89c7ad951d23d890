import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'
import { rightsOf } from './rights.ts'
import { grantViews, prepareViews } from './statements.ts'
import { renderUsersFile } from './users-file.ts'

const rights = rightsOf({ name: 'analyst', org: 'org_1', prompts: false }, 'flint')
const statements = [...prepareViews(rights, DEFAULT_LIMITS, () => ''), grantViews(rights)]
  .map(({ sql }) => sql.replaceAll(/\s+/g, ' '))
  .join(';\n')
const { profiles, quotas, users } = renderUsersFile(rights, DEFAULT_LIMITS, '')

const found = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((match) => match.slice(1).join(' ').trim()).toSorted()

describe('the configuration that break-outs are tried on has the rights of the statements', () => {
  test('each table with its columns, and no other', () => {
    const columns = (text: string) =>
      found(text.replaceAll('`', ''), /SELECT ?(?:\( ?([a-z0-9_, ]+?) ?\))? ON ([a-z_.]+)/g)
    expect(columns(users)).toEqual(columns(statements))
    expect(columns(users)).toHaveLength(8)
  })

  test('each row policy', () => {
    expect(found(users, /<filter>(.+?)<\/filter>/g)).toEqual(found(statements, /USING (.+?) TO/g))
  })

  test('each setting, what a client may do with it, and the quota', () => {
    for (const { name, value, client } of DEFAULT_LIMITS.settings) {
      const range = client === 'lower' ? ` MIN 1 MAX ${value}` : ''
      const inSql = new RegExp(`${name}[^,]*?${range} (CONST|CHANGEABLE_IN_READONLY)`)
      expect(statements).toMatch(inSql)
      expect(profiles).toContain(`<${name}>`)
      if (client === 'lower') expect(profiles).toContain(`<${name}><min>1</min><max>${value}</max>`)
    }
    for (const [what, most] of Object.entries(DEFAULT_LIMITS.quota)) {
      expect(statements).toContain(`${what} = ${most}`)
      expect(quotas).toContain(`<${what}>${most}</${what}>`)
    }
  })
})
