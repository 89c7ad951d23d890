import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES } from '../identity/principal.ts'
import { stubApi } from './stub-api.ts'

interface Member {
  /** JSON Schema's: one or several; absent where anything will do. */
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
}
interface BodyMember {
  readonly method: 'POST' | 'PATCH'
  readonly path: string
  readonly name: string
  readonly types: readonly string[]
  /** Values that satisfy the members which a body must have. */
  readonly required: Readonly<Record<string, unknown>>
}

const api = stubApi({
  access: {
    authenticator: { authenticate: () => ({ org: 'org_1', keyId: 'key_1', scopes: SCOPES }) },
    failures: { note() {} },
    used() {},
    operatorKey: 'the-operator',
  },
})
beforeAll(async () => void (await api.ready()))
afterAll(() => api.close())

/** Values that a coercing validator would accept as each type. */
const COERCIBLE: Readonly<Record<string, readonly unknown[]>> = {
  string: [7, true],
  integer: ['7', true, null],
  number: ['7', true, null],
  boolean: ['true', 1, 0, null],
  array: [],
  object: [],
}

const send = (method: 'POST' | 'PATCH', path: string, payload: object) =>
  api.inject({
    method,
    url: path.replace(/\{\w+\}/g, 'some-id'),
    payload,
    headers: {
      authorization: `Bearer ${path.startsWith('/v1/orgs') ? 'the-operator' : 'flnt_live_good'}`,
    },
  })

/** Every member of every JSON body that the API's own document names. */
function bodyMembers(): BodyMember[] {
  const document = api.swagger() as {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: Record<string, { schema: BodySchema }> } }>
    >
  }
  interface BodySchema {
    readonly properties: Readonly<Record<string, Member>>
    readonly required?: readonly string[]
  }
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema
      if (schema === undefined) return []
      return Object.entries(schema.properties).map(([name, member]) => ({
        method: method === 'post' ? ('POST' as const) : ('PATCH' as const),
        path,
        name,
        types: [member.type ?? []].flat(),
        required: Object.fromEntries(
          (schema.required ?? []).map((needed) => [needed, validFor(schema.properties[needed])]),
        ),
      }))
    }),
  )
}

function validFor(member: Member | undefined): unknown {
  return member?.enum?.[0] ?? member?.examples?.[0] ?? 'a'
}

describe('a member of a body', () => {
  test('keeps its JSON type on every route: what a query would be forgiven is refused, by its name', async () => {
    const members = bodyMembers()
    expect(members.length).toBeGreaterThanOrEqual(24)
    for (const { method, path, name, types, required } of members) {
      for (const value of types.flatMap((type) => COERCIBLE[type] ?? [])) {
        if (value === null && types.includes('null')) continue
        const answer = await send(method, path, { ...required, [name]: value })
        expect([path, name, value, answer.statusCode, answer.json().error]).toEqual([
          path,
          name,
          value,
          400,
          expect.objectContaining({
            code: 'invalid_request',
            message: expect.stringMatching(`^The field "${name}" must be `),
          }),
        ])
      }
    }
  })

  test('of two types is refused by a sentence that names both', async () => {
    const answer = await send('POST', '/v1/keys', { name: 'a', expiresAt: 4_102_444_800_000 })
    expect(answer.json().error.message).toBe('The field "expiresAt" must be a string or null.')
  })
})

test('a query is text, and becomes the number that its schema asks for', async () => {
  const ask = (limit: string) =>
    api.inject({
      method: 'GET',
      url: `/v1/audit?limit=${limit}`,
      headers: { authorization: 'Bearer flnt_live_good' },
    })
  // The stub of the store rejects: the question got past validation.
  expect((await ask('7')).statusCode).toBe(503)
  expect((await ask('seven')).json().error.message).toBe(
    'The query parameter "limit" must be integer.',
  )
})
