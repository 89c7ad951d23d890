import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { createSettingsSeen } from '../../store/identity/settings-seen.ts'
import type { Backlog, Part } from './parts.ts'

let flint: ApiOnStore
let storeState: Part['state'] = 'up'
const backlog: Backlog = {
  ...{ evidenceBytes: 4_096, oldestEvidenceAt: null, promptBytes: 0, quarantineBytes: 0 },
  deadLetters: 0,
}
const envoyVersion = '1.2.3'
const parts = (): readonly Part[] => [
  { part: 'gate', state: 'unknown', since: null, lastActivityAt: null },
  { part: 'store', state: storeState, since: null, lastActivityAt: null },
]
beforeAll(async () => {
  flint = await startApiOnStore({
    parts: { look: async () => ({ parts: parts(), backlog, envoyVersion }) },
  })
})
afterAll(() => flint?.stop())

const system = async (key = flint.ours.key) => (await flint.ask('GET', '/v1/system', { key })).body

test('each gate is named with the revision of the settings that it goes by, of one’s own organisation', async () => {
  const seen = createSettingsSeen(flint.store.client)
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: true } })
  await seen.note('gate-a', new Map(), '5f0c2a9b')
  await seen.note(
    'gate-b',
    new Map([
      [flint.ours.org, 1],
      [flint.theirs.org, 7],
    ]),
    '5f0c2a9b',
  )
  expect(await system()).toMatchObject({
    version: '0.0.0-test',
    envoyVersion,
    priceBook: { source: 'genai-prices@0.1.8', publishedOn: '2026-09-23', broughtOn: null },
    parts: parts(),
    settingsRevision: 1,
    settingsSeenBy: [
      { gate: 'gate-a', revision: 0, seenAt: expect.any(String) },
      { gate: 'gate-b', revision: 1, seenAt: expect.any(String) },
    ],
  })
  await seen.note('gate-a', new Map([[flint.ours.org, 1]]), '5f0c2a9b')
  expect(await system()).toMatchObject({
    settingsSeenBy: [
      { gate: 'gate-a', revision: 1 },
      { gate: 'gate-b', revision: 1 },
    ],
  })
})

test('a gate that has said nothing for half an hour is left out', async () => {
  await flint.store.client.run({
    tag: 'test',
    sql: `INSERT INTO settings_seen (org, gate, revision, seen_at)
      SELECT '', 'gone', 0, now64(3, 'UTC') - INTERVAL 31 MINUTE`,
  })
  expect(JSON.stringify(await system())).not.toContain('gone')
})

test('numbers of all organisations together are shown only where there is one', async () => {
  expect(await system()).toMatchObject({ backlog: null })
  await flint.store.client.run({
    tag: 'test',
    sql: `ALTER TABLE identity_events DELETE WHERE subject_kind = 'organisation' AND org = {org:String}`,
    params: { org: flint.theirs.org },
    settings: { mutations_sync: '2' },
  })
  expect(await system()).toMatchObject({ backlog })
})

test('a store that is away is shown, and what only it knows is null', async () => {
  storeState = 'down'
  expect(await system()).toMatchObject({ settingsSeenBy: null, backlog: null, parts: parts() })
  storeState = 'up'
})
