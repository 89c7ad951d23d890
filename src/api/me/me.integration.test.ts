import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { DAY_MS } from '../../evidence/day.ts'
import { createIdentityLog } from '../../store/identity/identity-log.ts'
import { createPromptActivities } from '../../store/identity/prompt-activity.ts'

let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
})
afterAll(() => flint?.stop())

const keyWith = async (name: string, scopes: readonly string[]) =>
  (await flint.ask('POST', '/v1/keys', { body: { name, scopes } })).body
const me = async (key: string, query = '') =>
  (await flint.ask('GET', `/v1/me${query}`, { key })).body

test('a key of any scope learns who it is; only one that may look at something, what is kept of prompts', async () => {
  const reader = await keyWith('dashboard', ['read'])
  expect(await me(reader.key)).toEqual({
    keyId: reader.id,
    keyName: 'dashboard',
    user: null,
    org: { id: flint.ours.org, name: 'ours' },
    scopes: ['read'],
    role: 'viewer',
    sessionEndsAt: null,
    capture: {
      ...{ on: false, since: null, contentRetentionDays: 90 },
      ...{ readsToday: 0, readersToday: 0 },
    },
  })
  const caller = await keyWith('app', ['proxy'])
  expect(await me(caller.key)).toMatchObject({ scopes: ['proxy'], role: null, capture: null })
  expect((await flint.ask('GET', '/v1/me', { key: 'flnt_live_unknown' })).status).toBe(401)
})

test('capture is since it was switched on last, and reads are of today and by keys of this organisation', async () => {
  const [one, other] = [await keyWith('one', ['prompts']), await keyWith('other', ['prompts'])]
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: true } })
  await flint.ask('PATCH', '/v1/settings', { body: { retentionDays: 40 } })
  const { events } = (await flint.ask('GET', '/v1/audit/events?action=settings.changed')).body
  const switchedOn = events.find(({ new: becomes }) => becomes['promptCapture'] === true)
  const read = (actor: string, org = flint.ours.org) => ({
    ...{ subjectKind: 'record' as const, org, actor, action: 'prompt.read', subject: 'a record' },
    ...{ reason: null, old: null, new: null },
  })
  const { org: theirs, id: theirKey } = flint.theirs
  await createIdentityLog(flint.store.client).append([
    ...[read(one.id), read(one.id), read(other.id), read(theirKey, theirs)],
  ])
  expect(await me(one.key)).toMatchObject({
    capture: { on: true, since: switchedOn?.at, readsToday: 3, readersToday: 2 },
  })
  // Of another day none.
  const reads = createPromptActivities(flint.store.client)
  expect(await reads.activity(flint.ours.org, Date.now() + DAY_MS)).toMatchObject({
    ...{ reads: 0, readers: 0 },
  })
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: false } })
  expect(await me(one.key)).toMatchObject({ capture: { on: false, since: null, readsToday: 3 } })
  const refused = await flint.ask('GET', '/v1/me?timeZone=Middle/Earth', { key: one.key })
  expect([refused.status, refused.body.error.message]).toEqual([
    400,
    expect.stringContaining('timeZone'),
  ])
})

test('names of keys are for those who read records, revoked keys among them', async () => {
  const [reader, gone] = [await keyWith('viewer', ['read']), await keyWith('gone', ['proxy'])]
  await flint.ask('DELETE', `/v1/keys/${gone.id}`)
  const { body } = await flint.ask('GET', '/v1/keys/names', { key: reader.key })
  expect(body).toMatchObject({ names: { [reader.id]: 'viewer', [gone.id]: 'gone' } })
  expect(JSON.stringify(body)).not.toContain(flint.theirs.id)
  expect((await flint.ask('GET', '/v1/keys/names', { key: gone.key })).status).toBe(401)
  const caller = await keyWith('app', ['proxy'])
  expect((await flint.ask('GET', '/v1/keys/names', { key: caller.key })).status).toBe(403)
})
