import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { attachmentKey, contentKey } from '../../content/content-key.ts'
import { createRetention, createRetentionCounters } from '../../delivery/retention.ts'
import { DAY_MS } from '../../evidence/day.ts'
import {
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'
import { createErasures } from '../../store/evidence/erasures.ts'
import { createExpiredRows } from '../../store/evidence/expired-rows.ts'
import { createHeldCalls, type HoldInForce } from '../../store/evidence/held-calls.ts'
import { holdsInForce } from '../../store/identity/holds-in-force.ts'
import { createIdentityLog, type IdentityLog } from '../../store/identity/identity-log.ts'
import { createEraser } from '../erasures/eraser.ts'

let flint: ApiOnStore
let log: IdentityLog
let number = 0
beforeAll(async () => {
  flint = await startApiOnStore()
  log = createIdentityLog(flint.store.client)
})
afterAll(() => flint?.stop())
beforeEach(async () => {
  for (const { id, releasedAt } of await listed()) if (releasedAt === null) await release(id)
  for (const table of ['evidence', 'calls_settled'])
    await flint.store.client.run({ tag: 'test', sql: `TRUNCATE TABLE ${table}` })
})

interface Listed {
  readonly id: string
  readonly releasedAt: string | null
}
const listed = async (key = flint.ours.key) =>
  (await flint.ask('GET', '/v1/holds', { key })).body.holds as unknown as readonly Listed[]
const place = (body: unknown, key = flint.ours.key) => flint.ask('POST', '/v1/holds', { body, key })
const release = (id: string, key = flint.ours.key) =>
  flint.ask('DELETE', `/v1/holds/${id}?reason=over`, { key })
const pass = async (objects = flint.objects, seen: string[] = []) =>
  createRetention({
    organisations: async () => [{ id: flint.ours.org }, { id: flint.theirs.org }],
    settingsOf: (org) => flint.settings.settingsOf(org),
    store: objects,
    rows: createExpiredRows(flint.store.client),
    holdsOf: async (org) => holdsInForce(await log.listHolds(), org),
    held: createHeldCalls(flint.store.client),
    onHeld: (org) => seen.push(org),
    counters: createRetentionCounters(),
  }).pass()

async function call(daysAgo: number, team: string, attachment?: string): Promise<string> {
  number += 1
  const createdAtMs = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2 - daysAgo * DAY_MS
  const sample = { org: flint.ours.org, createdAtMs, id: number }
  const requestId = sampleRecordId(createdAtMs, number)
  await flint.put(
    sampleIntent(sample, { tags: { team } }),
    sampleObservation(sample, attachment === undefined ? {} : { attachments: [attachment] }),
    sampleClosing(sample),
  )
  await flint.objects.put(contentKey(flint.ours.org, requestId), Buffer.from('content'))
  if (attachment !== undefined)
    await flint.objects.put(attachmentKey(flint.ours.org, requestId, attachment), Buffer.from('a'))
  return requestId
}
const readable = async () =>
  (await flint.ask('GET', '/v1/audit?limit=500')).body.records.map(({ requestId }) => requestId)
const hasObject = async (requestId: string) =>
  (await flint.objects.get(contentKey(flint.ours.org, requestId))) !== null
const holdsOfEvent = async (action: string) =>
  (await flint.ask('GET', `/v1/audit/events?action=${action}`)).body.events

describe('a legal hold', () => {
  test('is placed and released by an administrator, and each is an event with its reason', async () => {
    const { status, body } = await place({ reason: 'Case 7', filter: { tag: ['team:search'] } })
    expect([status, body]).toEqual([
      201,
      {
        id: expect.any(String),
        reason: 'Case 7',
        filter: { tag: ['team:search'] },
        holdsEverything: false,
        placedAt: expect.any(String),
        placedBy: flint.ours.id,
        releasedAt: null,
        releasedBy: null,
        releaseReason: null,
      },
    ])
    expect((await holdsOfEvent('hold.placed'))[0]).toMatchObject({
      actor: flint.ours.id,
      subject: body.id,
      reason: 'Case 7',
      new: { filter: { tag: ['team:search'] } },
    })
    expect(await listed(flint.theirs.key)).toEqual([])
    expect((await release(body.id, flint.theirs.key)).status).toBe(404)

    const released = await release(body.id)
    expect(released.body).toMatchObject({ releasedBy: flint.ours.id, releaseReason: 'over' })
    expect((await holdsOfEvent('hold.released'))[0]).toMatchObject({
      subject: body.id,
      reason: 'over',
    })
    // Once more: the release that holds, and no second event.
    expect((await release(body.id)).body.releasedAt).toBe(released.body.releasedAt)
    expect(
      (await holdsOfEvent('hold.released')).filter(({ subject }) => subject === body.id),
    ).toHaveLength(1)
  })

  test.each([
    ['no reason', {}, 'reason'],
    ['a reason of blanks', { reason: '  ' }, 'reason'],
    ['an empty filter', { reason: 'x', filter: {} }, 'filter'],
    ['a zone alone', { reason: 'x', filter: { timeZone: 'Europe/Berlin' } }, 'filter'],
    ['a filter that is not known', { reason: 'x', filter: { colour: ['red'] } }, 'colour'],
    ['a value that its filter has not', { reason: 'x', filter: { tag: ['team'] } }, 'tag'],
    ['a time that is none', { reason: 'x', filter: { from: 'soon' } }, 'from'],
  ])('is refused with %s, by name', async (_, body, named) => {
    const refused = await place(body)
    expect(refused.status).toBe(400)
    expect(refused.body.error.message).toContain(named)
  })

  test('is refused beyond twenty in force, and beyond what statements can ask', async () => {
    const long = Array.from({ length: 20 }, (_, index) => `team:${'x'.repeat(240)}${index}`)
    expect((await place({ reason: 'a', filter: { tag: long.slice(0, 14) } })).status).toBe(201)
    const tooLong = await place({ reason: 'b', filter: { tag: long.slice(0, 14) } })
    expect([tooLong.status, tooLong.body.error.reason]).toEqual([409, 'too_many_holds'])
    for (let placed = 1; placed < 20; placed += 1)
      expect((await place({ reason: 'c', filter: { keyId: ['k'] } })).status).toBe(201)
    expect((await place({ reason: 'd' })).body.error.reason).toBe('too_many_holds')
    const [newest] = await listed()
    await release(newest?.id ?? '')
    expect((await place({ reason: 'd' })).status).toBe(201)
  })
})

describe('retention', () => {
  test('leaves what is held, its prompt and its attachment, which stay readable; all else goes, and after the release the rest', async () => {
    const shared = 'a'.repeat(64)
    const theirs = 'b'.repeat(64)
    const [held, other] = [await call(120, 'search', shared), await call(120, 'support', theirs)]
    const sharing = await call(120, 'support', shared)
    const { body } = await place({ reason: 'Case 7', filter: { tag: ['team:search'] } })
    const seen: string[] = []
    await pass(flint.objects, seen)
    expect(seen).toEqual([flint.ours.org])
    expect(await readable()).toEqual([held])
    expect(await Promise.all([held, other, sharing].map(hasObject))).toEqual([true, false, false])
    const attachment = (sha256: string) =>
      flint.objects.get(attachmentKey(flint.ours.org, held, sha256))
    expect(await attachment(shared)).not.toBeNull()
    expect(await attachment(theirs)).toBeNull()
    expect((await flint.ask('GET', `/v1/audit/${held}`)).status).toBe(200)
    expect((await flint.ask('GET', `/v1/audit/find?id=${held}`)).body).toMatchObject({
      requestIds: [held],
    })
    expect((await flint.ask('GET', '/v1/holds')).body.keptBeyondRetention).toBe(1)

    await release(body.id)
    expect(await readable()).toEqual([])
    expect((await flint.ask('GET', '/v1/holds')).body.keptBeyondRetention).toBe(0)
    await pass()
    expect(await hasObject(held)).toBe(false)
    expect(await attachment(shared)).toBeNull()
    const [left] = await flint.store.client.rows({
      tag: 'test',
      sql: 'SELECT count() AS n FROM evidence',
    })
    expect(left?.n).toBe(0)
  })

  test('leaves everything of an organisation that is held as a whole', async () => {
    const id = await call(400, 'search')
    await place({ reason: 'All of it' })
    await pass()
    expect(await readable()).toEqual([id])
    expect(await hasObject(id)).toBe(true)
  })

  test('leaves everything where a hold asks for more than this version knows', async () => {
    const id = await call(400, 'support')
    await log.append([
      {
        subjectKind: 'hold',
        org: flint.ours.org,
        actor: 'cli',
        action: 'hold.placed',
        subject: 'newer',
        reason: 'of a newer version',
        old: null,
        new: null,
        state: {
          ...{ org: flint.ours.org, id: 'newer', reason: 'x', placedAt: new Date().toISOString() },
          ...{ placedBy: 'cli', releasedAt: null, releasedBy: null, releaseReason: null },
          filter: { team: ['search'], mood: ['calm'] },
          conditions: { tag: ['team:search'], mood: ['calm'] },
        },
      },
    ])
    await pass()
    expect(await hasObject(id)).toBe(true)
    expect(await listed()).toContainEqual(
      expect.objectContaining({ id: 'newer', holdsEverything: true }),
    )
    await release('newer')
    await pass()
    expect(await hasObject(id)).toBe(false)
  })

  test('removes nothing while the holds cannot be read', async () => {
    const id = await call(400, 'search')
    const failing = createRetention({
      organisations: async () => [{ id: flint.ours.org }],
      settingsOf: (org) => flint.settings.settingsOf(org),
      store: flint.objects,
      rows: createExpiredRows(flint.store.client),
      holdsOf: () => Promise.reject(new Error('the store is away')),
      held: createHeldCalls(flint.store.client),
      onHeld: () => {},
      counters: createRetentionCounters(),
    })
    await expect(failing.pass()).rejects.toThrow('away')
    expect(await hasObject(id)).toBe(true)
  })
})

describe('erasure', () => {
  const erase = async (body: object) => {
    const dry = (await flint.ask('POST', '/v1/audit/erasures', { body })).body
    const done =
      dry.confirm === null
        ? null
        : (
            await flint.ask('POST', '/v1/audit/erasures', {
              body: { ...body, confirm: dry.confirm },
            })
          ).body
    return { dry, done }
  }

  test('of one held record is refused with the hold that keeps it', async () => {
    const id = await call(1, 'search')
    const { body } = await place({ reason: 'Case 7', filter: { tag: ['team:search'] } })
    const refused = await flint.ask('DELETE', `/v1/audit/${id}`)
    expect([refused.status, refused.body.error.reason]).toEqual([409, 'held'])
    expect(refused.body.error.message).toContain(body.id)
    expect(await readable()).toEqual([id])
    await release(body.id)
    expect((await flint.ask('DELETE', `/v1/audit/${id}`)).status).toBe(200)
    expect(await readable()).toEqual([])
  })

  test('of several leaves what is held, and says how many and by which holds, before and after', async () => {
    const [held, free] = [await call(2, 'search'), await call(2, 'support')]
    const { body } = await place({ reason: 'Case 7', filter: { tag: ['team:search'] } })
    await place({ reason: 'of another', filter: { tag: ['team:finance'] } })
    const { dry, done } = await erase({ from: '2020-01-01' })
    expect(dry).toMatchObject({ dryRun: true, matched: 2, held: 1, holds: [body.id] })
    expect(done).toMatchObject({ dryRun: false, matched: 2, held: 1, holds: [body.id], erased: 1 })
    expect(await readable()).toEqual([held])
    expect((await holdsOfEvent('records.erased'))[0]?.new).toMatchObject({
      matched: 2,
      held: 1,
      holds: [body.id],
    })
    expect(free).not.toBe(held)
    // Nothing is left that may go: no confirmation is offered.
    expect((await erase({ from: '2020-01-01' })).dry).toMatchObject({ held: 1, confirm: null })
  })

  test('keeps an open call, of which no one can say yet whether the filter meets it', async () => {
    number += 1
    const createdAtMs = Date.now() - 5_000
    await flint.put(sampleIntent({ org: flint.ours.org, createdAtMs, id: number }))
    await place({ reason: 'Case 7', filter: { model: ['never-called'] } })
    const refused = await flint.ask('DELETE', `/v1/audit/${sampleRecordId(createdAtMs, number)}`)
    expect([refused.status, refused.body.error.reason]).toEqual([409, 'held'])
  })

  test.each([
    ['before the first tombstone keeps its records, though the receipt was written', true],
    ['after the tombstones comes too late', false],
  ])('a hold placed while an erasure runs, %s', async (_, isInTime) => {
    const id = await call(1, 'search')
    const erasures = createErasures(flint.store.client)
    const placeNow = () => place({ reason: 'Case 7', filter: { tag: ['team:search'] } })
    const eraser = createEraser({
      erasures: {
        count: erasures.count,
        async erase(org, filter, erasureId, holds: readonly HoldInForce[]) {
          const erased = await erasures.erase(org, filter, erasureId, holds)
          if (!isInTime) await placeNow()
          return erased
        },
      },
      log: {
        listHolds: log.listHolds,
        async append(events) {
          const ids = await log.append(events)
          if (isInTime) await placeNow()
          return ids
        },
      },
    })
    const { erased, held } = await eraser.erase({
      ...{ org: flint.ours.org, actor: 'cli', filter: { requestId: id }, reason: null },
    })
    expect([erased, held]).toEqual(isInTime ? [0, 1] : [1, 0])
    expect(await readable()).toEqual(isInTime ? [id] : [])
  })
})
