import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { createSettingsAdmin } from '../../identity/settings-admin.ts'
import { createIdentityLog } from '../../store/identity/identity-log.ts'

let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
})
afterAll(() => flint?.stop())

const events = async (query = '') =>
  (await flint.ask('GET', `/v1/audit/events?${query}`)).body.events

describe('an event', () => {
  test('names its actor, the key by its name of now, and the door', async () => {
    await createSettingsAdmin(createIdentityLog(flint.store.client)).change({
      ...{ org: flint.ours.org, actor: 'cli', change: { retentionDays: 50 } },
    })
    const { body: ci } = await flint.ask('POST', '/v1/keys', {
      body: { name: 'ci', scopes: ['admin'] },
    })
    await flint.ask('PATCH', '/v1/settings', { key: ci.key, body: { retentionDays: 60 } })
    await flint.ask('PATCH', `/v1/keys/${ci.id}`, { body: { name: 'ci of search' } })
    await flint.ask('GET', '/v1/audit', { key: ci.key })
    await flint.tell()

    const of = async (action: string) => (await events(`action=${action}`))[0]
    expect(await events('action=settings.changed')).toMatchObject([
      { actor: ci.id, actorKind: 'key', actorName: 'ci of search', via: 'api', sessionId: null },
      { actor: 'cli', actorKind: 'cli', actorName: null, via: 'cli', sessionId: null },
    ])
    expect(await of('organisation.created')).toMatchObject({ actorKind: 'cli', via: 'cli' })
    // Its key may not read: that is refused, and said.
    expect(await of('authentication.failed')).toMatchObject({
      ...{ actor: ci.id, actorKind: 'key', via: 'api', reason: 'forbidden' },
    })
  })

  test('keeps the reason of a change of settings and of keys, and null where none was given', async () => {
    const { body: made } = await flint.ask('POST', '/v1/keys', {
      body: { name: 'a', reason: 'for the nightly run' },
    })
    await flint.ask('PATCH', `/v1/keys/${made.id}`, { body: { name: 'b', reason: 'clearer' } })
    const { body: next } = await flint.ask('POST', `/v1/keys/${made.id}/rotate`, {
      body: { reason: 'yearly' },
    })
    await flint.ask('DELETE', `/v1/keys/${next.id}?reason=left+the+team`)
    await flint.ask('PATCH', '/v1/settings', {
      body: { promptCapture: true, reason: 'ticket 17' },
    })
    await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: false } })
    const reasons = (await events('limit=7')).map(({ action, reason }) => [action, reason])
    expect(reasons).toEqual([
      ['settings.changed', null],
      ['settings.changed', 'ticket 17'],
      ['key.revoked', 'left the team'],
      // One insert, one moment: the order of the two is that of their ids.
      ['key.rotated', 'yearly'],
      ['key.created', 'yearly'],
      ['key.renamed', 'clearer'],
      ['key.created', 'for the nightly run'],
    ])
    for (const body of [
      { reason: '' },
      { reason: ' ' },
      { reason: 'x'.repeat(501) },
      { reason: 1 },
    ]) {
      const refused = await flint.ask('PATCH', '/v1/settings', { body })
      expect([refused.status, refused.body.error.message]).toEqual([
        400,
        expect.stringContaining('reason'),
      ])
    }
  })

  test('is found by its actor, over pages too', async () => {
    const mine = await events(`actor=${flint.ours.id}`)
    expect(mine.length).toBeGreaterThan(5)
    expect(new Set(mine.map(({ actor }) => actor))).toEqual(new Set([flint.ours.id]))
    const seen: string[] = []
    let query: string | null = `actor=${flint.ours.id}&limit=2`
    while (query !== null) {
      const { body } = await flint.ask('GET', `/v1/audit/events?${query}`)
      seen.push(...body.events.map(({ id }) => id))
      query = body.nextCursor === null ? null : `cursor=${encodeURIComponent(body.nextCursor)}`
    }
    expect(seen).toEqual(mine.map(({ id }) => id))
    expect(await events('actor=key_of_no_one')).toEqual([])
    expect(await events(`actor=${flint.theirs.id}`)).toEqual([])
  })

  test('is found by any of several actions, over pages too', async () => {
    await flint.ask('POST', '/v1/keys', { body: { name: 'of a preset' } })
    const query = 'action=key.created&action=organisation.created'
    const wanted = await events(query)
    expect(new Set(wanted.map(({ action }) => action))).toEqual(
      new Set(['key.created', 'organisation.created']),
    )
    const { body: first } = await flint.ask('GET', `/v1/audit/events?${query}&limit=1`)
    const { body: second } = await flint.ask(
      'GET',
      `/v1/audit/events?cursor=${encodeURIComponent(first.nextCursor ?? '')}`,
    )
    expect([...first.events, ...second.events]).toEqual(wanted.slice(0, 2))
    expect((await flint.ask('GET', '/v1/audit/events?action=key.lost')).status).toBe(400)
  })
})
