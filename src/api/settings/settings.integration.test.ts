import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { createSettingsAdmin } from '../../identity/settings-admin.ts'
import { createIdentityLog } from '../../store/identity/identity-log.ts'

let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
})
afterAll(() => flint?.stop())

const get = async (key?: string) =>
  (await flint.ask('GET', '/v1/settings', key === undefined ? {} : { key })).body
const patch = (body: unknown, key?: string) =>
  flint.ask('PATCH', '/v1/settings', { body, ...(key === undefined ? {} : { key }) })

describe('GET and PATCH /v1/settings', () => {
  test('begin with the defaults: capture off, 90 days, redaction on', async () => {
    expect(await get()).toEqual({
      promptCapture: false,
      retentionDays: 90,
      contentRetentionDays: 90,
      redactStoredContent: true,
      promptHashMode: 'sha256',
      promptReadReason: 'optional',
      revision: 0,
    })
  })

  test('a change takes any of them and answers all; another organisation keeps its own', async () => {
    const { status, body } = await patch({ promptCapture: true, contentRetentionDays: 30 })
    expect(status).toBe(200)
    expect(body).toEqual({
      ...(await get()),
      promptCapture: true,
      contentRetentionDays: 30,
      retentionDays: 90,
      revision: 1,
    })
    expect(flint.settings.settingsOf(flint.ours.org)).toMatchObject({ promptCapture: true })
    expect(await get(flint.theirs.key)).toMatchObject({ promptCapture: false, revision: 0 })
    expect(flint.settings.settingsOf(flint.theirs.org)).toMatchObject({ promptCapture: false })
  })

  test('a change that changes nothing is no event and no revision', async () => {
    const before = await get()
    expect((await patch({ promptCapture: before.promptCapture })).body).toEqual(before)
    expect((await patch({})).body).toEqual(before)
  })

  test('content never outlives its record: a shorter life of records takes it along, a longer one of content is refused', async () => {
    expect((await patch({ retentionDays: 20 })).body).toMatchObject({
      retentionDays: 20,
      contentRetentionDays: 20,
    })
    const refused = await patch({ contentRetentionDays: 21 })
    expect(refused.status).toBe(400)
    expect(refused.body.error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('contentRetentionDays'),
    })
    expect((await patch({ retentionDays: 400, contentRetentionDays: 30 })).body).toMatchObject({
      retentionDays: 400,
      contentRetentionDays: 30,
    })
  })

  test.each([
    [{ retentionDays: 6 }, 'retentionDays'],
    [{ retentionDays: 3_651 }, 'retentionDays'],
    [{ retentionDays: 7.5 }, 'retentionDays'],
    [{ retentionDays: '30' }, 'retentionDays'],
    [{ retentionDays: null }, 'retentionDays'],
    [{ contentRetentionDays: 0 }, 'contentRetentionDays'],
    [{ promptCapture: 'true' }, 'promptCapture'],
    [{ promptCapture: 1 }, 'promptCapture'],
    [{ redactStoredContent: null }, 'redactStoredContent'],
    [{ promptHashMode: 'md5' }, 'promptHashMode'],
    [{ promptcapture: true }, 'promptcapture'],
    [{ revision: -1 }, 'revision'],
  ])('400 names the setting: %o', async (body, named) => {
    const before = await get()
    const { status, body: answer } = await patch(body)
    expect(status).toBe(400)
    expect(answer.error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(named),
    })
    expect(await get()).toEqual(before)
  })

  test('a change against an older revision is a conflict, and nothing is changed', async () => {
    const { revision } = await get()
    expect((await patch({ retentionDays: 50, revision })).status).toBe(200)
    const late = await patch({ retentionDays: 60, revision })
    expect(late.status).toBe(409)
    expect(late.body.error).toMatchObject({ code: 'conflict', reason: 'changed_meanwhile' })
    expect(await get()).toMatchObject({ retentionDays: 50, revision: revision + 1 })
  })

  test('of two administrators on two replicas at the same moment one learns that it is in force, and it is', async () => {
    const log = createIdentityLog(flint.store.client)
    const changes = await Promise.all(
      [70, 71, 72, 73].map((retentionDays) =>
        createSettingsAdmin(log).change({
          org: flint.ours.org,
          actor: 'key_x',
          change: { retentionDays, contentRetentionDays: 30 },
        }),
      ),
    )
    const changed = changes.flatMap((change) =>
      change.outcome === 'changed' ? [change.settings.retentionDays] : [],
    )
    const { retentionDays } = await get()
    expect(changed).toContain(retentionDays)
    expect(changes.every(({ outcome }) => outcome === 'changed' || outcome === 'conflict')).toBe(
      true,
    )
  })

  test('need scope admin', async () => {
    const made = await flint.ask('POST', '/v1/keys', {
      body: { name: 'reader', scopes: ['read', 'prompts', 'proxy', 'report'] },
    })
    for (const method of ['GET', 'PATCH'] as const) {
      const { status, body } = await flint.ask(method, '/v1/settings', {
        key: made.body.key,
        ...(method === 'PATCH' ? { body: {} } : {}),
      })
      expect([status, body.error.code]).toEqual([403, 'forbidden'])
    }
  })
})

describe('GET /v1/audit/events', () => {
  test('lists every change of a key, a setting and the organisation: who, when, old and new; never a key', async () => {
    const made = (await flint.ask('POST', '/v1/keys', { body: { name: 'ci' } })).body
    await flint.ask('PATCH', `/v1/keys/${made.id}`, { body: { name: 'ci 2' } })
    const rotated = (
      await flint.ask('POST', `/v1/keys/${made.id}/rotate`, { body: { overlapSeconds: 60 } })
    ).body
    await flint.ask('DELETE', `/v1/keys/${rotated.id}`)
    await patch({ redactStoredContent: false })
    const { events, count, nextCursor } = (await flint.ask('GET', '/v1/audit/events')).body
    expect(count).toBe(events.length)
    expect(nextCursor).toBeNull()
    const shown = events.map(({ actor, action, subject, old, new: becomes }) => ({
      actor,
      action,
      subject,
      old,
      new: becomes,
    }))
    const by = flint.ours.id
    expect(shown.slice(0, 6)).toEqual([
      {
        actor: by,
        action: 'settings.changed',
        subject: flint.ours.org,
        old: { redactStoredContent: true },
        new: { redactStoredContent: false },
      },
      {
        actor: by,
        action: 'key.revoked',
        subject: rotated.id,
        old: { revokedAt: null },
        new: { revokedAt: expect.any(String) },
      },
      {
        actor: by,
        action: 'key.rotated',
        subject: made.id,
        old: { expiresAt: null },
        new: { expiresAt: expect.any(String) },
      },
      {
        actor: by,
        action: 'key.created',
        subject: rotated.id,
        old: null,
        new: expect.objectContaining({ name: 'ci 2' }),
      },
      {
        actor: by,
        action: 'key.renamed',
        subject: made.id,
        old: { name: 'ci' },
        new: { name: 'ci 2' },
      },
      {
        actor: by,
        action: 'key.created',
        subject: made.id,
        old: null,
        new: expect.objectContaining({ name: 'ci', revokedAt: null }),
      },
    ])
    const text = JSON.stringify(events)
    for (const secret of [made.key, rotated.key, flint.ours.key]) expect(text).not.toContain(secret)
    expect(text).not.toContain('keyHash')
    expect(text).not.toContain(flint.theirs.org)
  })

  test('is paged by a signed cursor that continues its filter and is no one else’s', async () => {
    const seen: string[] = []
    let query = 'action=key.created&limit=1'
    let cursor: string | null = null
    do {
      const page = (await flint.ask('GET', `/v1/audit/events?${query}`)).body
      seen.push(...page.events.map(({ id, action }) => `${action} ${id}`))
      cursor = page.nextCursor
      query = `cursor=${cursor}`
    } while (cursor !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThan(2)
    expect(seen.every((text) => text.startsWith('key.created '))).toBe(true)
    const first = (await flint.ask('GET', '/v1/audit/events?limit=1')).body
    for (const [text, key] of [
      [first.nextCursor, flint.theirs.key],
      [`${first.nextCursor}x`, flint.ours.key],
      ['abc', flint.ours.key],
    ] as const) {
      const { status, body } = await flint.ask('GET', `/v1/audit/events?cursor=${text}`, { key })
      expect([status, body.error.code]).toEqual([400, 'invalid_request'])
    }
  })

  test('takes a time range and names what is wrong with it', async () => {
    expect((await flint.ask('GET', '/v1/audit/events?to=2020-01-01')).body.events).toEqual([])
    expect((await flint.ask('GET', '/v1/audit/events?from=2020-01-01')).body.count).toBeGreaterThan(
      5,
    )
    for (const query of [
      'from=soon',
      'action=nothing',
      'limit=501',
      'from=2026-01-02&to=2026-01-01',
      'who=me',
    ])
      expect((await flint.ask('GET', `/v1/audit/events?${query}`)).status, query).toBe(400)
  })

  test('failed authentication is reported once per kind and key, with how often, to the organisation whose key it was', async () => {
    const made = (
      await flint.ask('POST', '/v1/keys', { body: { name: 'ended', scopes: ['read'] } })
    ).body
    for (let time = 0; time < 3; time++)
      expect((await flint.ask('GET', '/v1/settings', { key: made.key })).status).toBe(403)
    await flint.ask('DELETE', `/v1/keys/${made.id}`)
    for (let time = 0; time < 5; time++)
      expect((await flint.ask('GET', '/v1/settings', { key: made.key })).status).toBe(401)
    for (let time = 0; time < 2; time++)
      await flint.ask('GET', '/v1/settings', { key: 'flnt_live_nobody_has_this_one' })
    await flint.tell()
    const { events } = (await flint.ask('GET', '/v1/audit/events?action=authentication.failed'))
      .body
    expect(
      events.map(({ subject, reason, new: { count, where } }) => [subject, reason, count, where]),
    ).toEqual(
      expect.arrayContaining([
        [made.id, 'revoked', 5, 'api'],
        [made.id, 'forbidden', 3, 'api'],
      ]),
    )
    expect(events.every(({ reason }) => reason !== 'unknown')).toBe(true)
    // What no one has belongs to no organisation: the operator sees it.
    const all = await createIdentityLog(flint.store.client).listEvents({
      actions: ['authentication.failed'],
      limit: 100,
    })
    expect(all.find(({ reason }) => reason === 'unknown')).toMatchObject({
      org: '',
      subject: '',
      new: { count: 2 },
    })
    expect(JSON.stringify(all)).not.toContain('nobody_has_this')
  })
})

describe('/v1/orgs', () => {
  const operator = 'operator-key-of-a-test-0001'

  test('the operator makes, lists and names organisations; the first key works at once', async () => {
    const made = await flint.ask('POST', '/v1/orgs', { key: operator, body: { name: 'Research' } })
    expect(made.status).toBe(201)
    const { organisation, key } = made.body
    expect((await flint.ask('GET', '/v1/settings', { key: key.key })).status).toBe(200)
    const renamed = await flint.ask('PATCH', `/v1/orgs/${organisation.id}`, {
      key: operator,
      body: { name: 'Labs' },
    })
    expect(renamed.body).toEqual({ ...organisation, name: 'Labs' })
    const { organisations } = (await flint.ask('GET', '/v1/orgs', { key: operator })).body
    expect(organisations.map(({ name }) => name)).toEqual(['ours', 'theirs', 'Labs'])
    expect(
      (await flint.ask('PATCH', '/v1/orgs/org_nobody', { key: operator, body: { name: 'x' } }))
        .status,
    ).toBe(404)
    const { events } = (await flint.ask('GET', '/v1/audit/events', { key: key.key })).body
    expect(events.map(({ actor, action }) => `${actor} ${action}`).toSorted()).toEqual([
      'operator key.created',
      'operator organisation.created',
      'operator organisation.renamed',
    ])
  })

  test('no organisation’s key is the operator’s, and the operator’s is no organisation’s', async () => {
    for (const key of [
      flint.ours.key,
      'flnt_live_operator_key_of_a_test',
      `${operator}x`,
      operator.slice(0, -1),
    ])
      for (const [method, url, body] of [
        ['GET', '/v1/orgs', undefined],
        ['POST', '/v1/orgs', { name: 'x' }],
        ['PATCH', `/v1/orgs/${flint.ours.org}`, { name: 'x' }],
      ] as const)
        expect((await flint.ask(method, url, { key, body })).status).toBe(401)
    for (const url of ['/v1/audit', '/v1/keys', '/v1/settings', '/v1/audit/events'])
      expect((await flint.ask('GET', url, { key: operator })).status).toBe(401)
  })
})
