import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { VIEW_LIMITS } from '../../identity/view-admin.ts'
import type { IdentityEvent } from '../../store/identity/identity-event.ts'
import { createIdentityLog } from '../../store/identity/identity-log.ts'

const QUERY = 'last=24h&outcome=!complete&tag=team%3Asearch&cols=time,model'

let flint: ApiOnStore
/** Two keys that read, beside the administrator's. */
let ann: { readonly id: string; readonly key: string }
let ben: typeof ann
beforeAll(async () => {
  flint = await startApiOnStore()
  ann = await newKey(['read'])
  ben = await newKey(['read', 'prompts'])
})
afterAll(() => flint?.stop())
beforeEach(() =>
  flint.store.client.run({
    tag: 'test',
    sql: "ALTER TABLE identity_events DELETE WHERE subject_kind = 'view' SETTINGS mutations_sync = 1",
  }),
)

async function newKey(scopes: readonly string[]) {
  const { body } = await flint.ask('POST', '/v1/keys', { body: { name: 'reader', scopes } })
  return { id: body.id, key: body.key }
}
const save = (by: { readonly key: string }, body: object) =>
  flint.ask('POST', '/v1/views', { key: by.key, body: { name: 'Errors', query: QUERY, ...body } })
const change = (by: { readonly key: string }, id: string, body: object) =>
  flint.ask('PATCH', `/v1/views/${id}`, { key: by.key, body })
const remove = (by: { readonly key: string }, id: string) =>
  flint.ask('DELETE', `/v1/views/${id}`, { key: by.key })
const namesSeenBy = async ({ key }: { readonly key: string }) =>
  (await flint.ask('GET', '/v1/views', { key })).body.views.map(({ name }) => name)
const changesOf = async (id: string) => {
  const { body } = await flint.ask('GET', `/v1/audit/events?action=view.changed&subject=${id}`)
  return body.events.map(({ actor, old, new: becomes }) => ({ actor, old, becomes }))
}

describe('a view', () => {
  test('is there again as it was saved, for its keeper alone, and by name', async () => {
    const { status, body } = await save(ann, {})
    expect([status, body]).toEqual([
      201,
      {
        id: expect.any(String),
        name: 'Errors',
        query: QUERY,
        shared: false,
        owner: ann.id,
        mine: true,
        createdAt: expect.any(String),
        changedAt: body.createdAt,
      },
    ])
    await save(ann, { name: 'All', query: '' })
    const listed = await flint.ask('GET', '/v1/views', { key: ann.key })
    expect(listed.body.views).toEqual([expect.objectContaining({ name: 'All' }), body])
    expect(await namesSeenBy(ben)).toEqual([])
    expect(await namesSeenBy(flint.ours)).toEqual([])
  })

  test('that is shared is seen by all who read, until its keeper withdraws it', async () => {
    const { body } = await save(ann, { shared: true })
    const seen = await flint.ask('GET', '/v1/views', { key: ben.key })
    expect(seen.body.views).toEqual([{ ...body, mine: false }])
    const withdrawn = await change(ann, body.id, { shared: false })
    expect(withdrawn.body).toMatchObject({ name: 'Errors', query: QUERY, shared: false })
    expect(await namesSeenBy(ben)).toEqual([])
  })

  test('is renamed, narrowed and deleted by its keeper, and each is an event', async () => {
    const { id } = (await save(ann, {})).body
    await change(ann, id, { name: 'Refusals', query: 'outcome=rejected' })
    // The same again changes nothing: there is no event of it.
    await change(ann, id, { name: 'Refusals' })
    expect((await remove(ann, id)).status).toBe(204)
    expect(await namesSeenBy(ann)).toEqual([])
    const first = { name: 'Errors', query: QUERY, shared: false }
    const second = { name: 'Refusals', query: 'outcome=rejected', shared: false }
    expect(await changesOf(id)).toEqual([
      { actor: ann.id, old: second, becomes: null },
      { actor: ann.id, old: first, becomes: second },
      { actor: ann.id, old: null, becomes: first },
    ])
    expect((await remove(ann, id)).status).toBe(404)
    expect((await change(ann, id, { name: 'again' })).status).toBe(404)
  })

  test('that others keep is changed by an administrator where it is shared, and by no other key', async () => {
    const own = (await save(ann, {})).body
    const shared = (await save(ann, { shared: true })).body
    for (const ask of [
      (by: typeof ann, id: string) => change(by, id, { name: 'x' }),
      (by: typeof ann, id: string) => remove(by, id),
    ]) {
      const refused = await ask(ben, shared.id)
      expect([refused.status, refused.body.error.code]).toEqual([403, 'forbidden'])
      for (const by of [ben, flint.ours]) expect((await ask(by, own.id)).status).toBe(404)
    }
    const renamed = await change(flint.ours, shared.id, { name: 'Errors of all' })
    expect(renamed.body).toMatchObject({ name: 'Errors of all', owner: ann.id, mine: false })
    expect((await remove(flint.ours, shared.id)).status).toBe(204)
    expect((await changesOf(shared.id)).map(({ actor }) => actor)).toEqual([
      flint.ours.id,
      flint.ours.id,
      ann.id,
    ])
  })

  test('needs a key that reads', async () => {
    const caller = await newKey(['proxy'])
    expect((await flint.ask('GET', '/v1/views', { key: caller.key })).status).toBe(403)
    expect((await save(caller, {})).status).toBe(403)
  })

  test.each([
    ['no name', { name: undefined }, 'name'],
    ['a name of blanks', { name: '  ' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
    ['a query that is too long', { query: 'x'.repeat(4_001) }, 'query'],
    ['a fragment', { query: 'last=24h#top' }, 'query'],
    ['characters that are not encoded', { query: 'tag=team search' }, 'query'],
    ['a member that is not known', { owner: 'key_other' }, 'owner'],
  ])('is refused with %s, by name', async (_, body, named) => {
    const refused = await save(ann, body)
    expect(refused.status).toBe(400)
    expect(refused.body.error.message).toContain(named)
  })

  test('is refused beyond what one key keeps, and beyond what an organisation shares', async () => {
    const kept = (owner: string, count: number, shared: boolean): IdentityEvent[] =>
      Array.from({ length: count }, (_, number) => {
        const id = `${owner}-${shared}-${number}`
        const at = '2026-05-04T14:22:01.000Z'
        return {
          ...{ subjectKind: 'view', org: flint.ours.org, actor: owner, action: 'view.changed' },
          ...{ subject: id, reason: null, old: null, new: null },
          state: {
            ...{ org: flint.ours.org, id, owner, name: id, query: '', shared },
            ...{ createdAt: at, changedAt: at, deletedAt: null },
          },
        }
      })
    const log = createIdentityLog(flint.store.client)
    await log.append(kept(ann.id, VIEW_LIMITS.own - 1, false))
    await log.append(kept('key_other', VIEW_LIMITS.shared, true))
    const shared = await save(ann, { shared: true })
    expect([shared.status, shared.body.error.reason]).toEqual([409, 'too_many_views'])
    const last = await save(ann, {})
    expect(last.status).toBe(201)
    expect((await change(ann, last.body.id, { shared: true })).status).toBe(409)
    expect((await save(ann, {})).body.error.reason).toBe('too_many_views')
    // What is there can still be changed, and one less makes place for another.
    expect((await change(ann, last.body.id, { name: 'last' })).status).toBe(200)
    await remove(ann, last.body.id)
    expect((await save(ann, {})).status).toBe(201)
  })
})
