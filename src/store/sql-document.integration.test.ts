import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documentedColumns, recipes } from '../../test/support/sql-document.ts'
import { type VariedCalls, variedCalls } from '../../test/support/varied-calls.ts'
import type { EventAction } from '../identity/events.ts'
import { createKeyAdmin } from '../identity/key-admin.ts'
import { createSettingsAdmin } from '../identity/settings-admin.ts'
import { addEvidence } from './calls/add-evidence.ts'
import { startTemporaryStore, type TemporaryStore } from './embedded/temporary-store.ts'
import type { IdentityEvent } from './identity/identity-event.ts'
import { createIdentityLog } from './identity/identity-log.ts'
import { createKeyUses } from './identity/key-uses.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const ORG = 'org_1'
const actor = 'cli'

let store: TemporaryStore
let calls: VariedCalls
/** Ids of keys by their names. */
const keys = new Map<string, string>()

const keyNamed = (name: string) => {
  const id = keys.get(name)
  if (id === undefined) throw new Error(`no key is called ${name}`)
  return id
}

beforeAll(async () => {
  store = await startTemporaryStore()
  const { client } = store
  const log = createIdentityLog(client)
  const admin = createKeyAdmin({ log, pepper: Buffer.alloc(32) })
  const expired = new Date(NOW - DAY_MS)
  for (const name of ['checkout', 'forgotten', 'old job', 'revoked', 'expired', 'new'])
    keys.set(
      name,
      (
        await admin.createKey({
          actor,
          org: ORG,
          name,
          ...(name === 'expired' && { expiresAt: expired }),
        })
      ).id,
    )
  await admin.revokeKey({ actor, id: keyNamed('revoked') })
  // All but one were made 40 days ago.
  await client.run({
    tag: 'test',
    sql: `INSERT INTO identity_events
      SELECT * REPLACE (at - INTERVAL 40 DAY AS at, generateUUIDv4() AS id)
      FROM identity_events WHERE subject_kind = 'key' AND subject != {id:String}`,
    params: { id: keyNamed('new') },
  })
  await createKeyUses(client).note([
    { org: ORG, keyId: keyNamed('old job'), usedAtMs: NOW - 35 * DAY_MS },
  ])
  await createSettingsAdmin(log).change({ org: ORG, actor, change: { promptCapture: true } })
  await log.append([
    event('record', 'prompt.read', { subject: 'record_1', reason: 'ticket 17' }),
    event('organisation', 'records.exported', { new: { format: 'csv', rows: 3 } }),
    event('authentication', 'authentication.failed', { reason: 'expired', new: { count: 3 } }),
    event('authentication', 'authentication.failed', { reason: 'expired', new: { count: 4 } }),
  ])

  calls = variedCalls({ keyId: keyNamed('checkout'), nowMs: NOW })
  await addEvidence(client, calls.rows, 'calls')
  await addEvidence(client, calls.laterRows, 'later')
  await client.run({
    tag: 'test',
    sql: `INSERT INTO prices VALUES ('contract/0123456789ab', 'openai', 'o4-mini',
      '{"input_mtok":"1"}', ['tier:flex=1/2'], now64(3))`,
  })
})
afterAll(() => store?.stop())

function event(
  subjectKind: IdentityEvent['subjectKind'],
  action: EventAction,
  given: Partial<IdentityEvent>,
): IdentityEvent {
  const unsaid = { subject: ORG, reason: null, old: null, new: null }
  return { subjectKind, org: ORG, actor: keyNamed('checkout'), action, ...unsaid, ...given }
}

type Rows = readonly Readonly<Record<string, unknown>>[]

/** Members of some rows of each answer; `all`: of every row, in their order. */
const answers: Readonly<Record<string, () => { readonly some: Rows } | { readonly all: Rows }>> = {
  'What does each team cost by week?': () => ({
    some: [
      { team: 'search', calls: 2, exact_usd: '0.01', estimated_usd: '0.02', unpriced_calls: 0 },
      { team: 'support', calls: 1, exact_usd: null, estimated_usd: null, unpriced_calls: 1 },
    ],
  }),
  'What does each model cost by month?': () => ({
    some: [
      { used_model: 'claude-sonnet-4-5', calls: 2, usd: '0.75', unpriced_calls: 0 },
      { used_model: 'mystery-1', calls: 1, usd: null, unpriced_calls: 1 },
      { used_model: 'gemini-2.5-pro', month: calls.monthBefore, usd: '0.0005' },
    ],
  }),
  "What is the month's total, in the time zone of the books?": () => ({
    some: [
      { provider: 'anthropic', exact_usd: '0.25', estimated_usd: '0.5', not_billed_usd: '0.9' },
      // Half an hour before midnight in UTC, after midnight in Berlin.
      { org: 'org_2', month: calls.thisMonth, calls: 1, exact_usd: '0.0005' },
    ],
  }),
  "What should the provider's invoice say for each of its keys?": () => ({
    some: [
      {
        provider: 'openai',
        key_hint: '...k3f2',
        billable_calls: 9,
        usd: '0.18',
        unpriced_calls: 1,
      },
      { provider: 'anthropic', key_hint: '...k3f2', billable_calls: 2, usd: '0.75' },
    ],
  }),
  'How much of the month was priced by contract?': () => ({
    some: [
      { priced_by: 'contract', price_version: 'contract/0123456789ab', calls: 1, usd: '0.07' },
      { priced_by: 'price book', price_version: 'book/1', calls: 3, usd: '0.56' },
    ],
  }),
  'Which rates are behind these prices?': () => ({
    all: [
      {
        price_version: 'contract/0123456789ab',
        model: 'o4-mini',
        rates: '{"input_mtok":"1"}',
        terms: ['tier:flex=1/2'],
      },
    ],
  }),
  'Which calls have no price, and why?': () => ({
    all: [{ used_model: 'mystery-1', cost_reason: 'unknown_model', calls: 1, tokens: 640 }],
  }),
  'How much of the cost and of the usage is estimated?': () => ({
    some: [
      {
        provider: 'anthropic',
        calls: 3,
        usage_not_of_provider: 0.3333,
        cost_estimated: 0.6667,
        reasons: expect.arrayContaining(['partial_usage', 'subscription']),
      },
    ],
  }),
  'Which 20 calls were the dearest?': () => ({
    some: [
      { model: 'claude-opus-4-5', cost_usd: '0.9', cost_status: 'estimated' },
      { model: 'o4-mini', cost_usd: '0.07' },
    ],
  }),
  'What did each agent session cost?': () => ({
    all: [
      {
        session_id: 's-1',
        minutes: 1,
        calls: 2,
        models: ['claude-sonnet-4-5'],
        tokens: 1_192,
        usd: '0.75',
        unpriced_calls: 0,
      },
    ],
  }),
  'What does each service tier cost?': () => ({
    some: [{ provider: 'openai', service_tier: 'flex', calls: 1, tokens: 640, usd: '0.07' }],
  }),
  'How many tokens does each key use?': () => ({
    some: [
      {
        org: ORG,
        key_id: keyNamed('checkout'),
        key_name: 'checkout',
        calls: 14,
        input: 5_646,
        calls_without_usage: 3,
      },
    ],
  }),
  'Which share of the input comes from the cache?': () => ({
    some: [{ model: 'gpt-4o-2024-08-06', input: 1_500, cached: 400, hit_share: 0.2667 }],
  }),
  'Which kinds of tokens does each endpoint use?': () => ({
    some: [
      { endpoint: '/v1/embeddings', model: 'text-embedding-3-small', input: 50, output: null },
      { model: 'gpt-audio', audio_input: 30, audio_output: 20 },
      { model: 'o4-mini', reasoning: 90 },
    ],
  }),
  'How slow is each model?': () => ({
    some: [{ model: 'gpt-4o-2024-08-06', calls: 2, p50_ms: 1_000, p95_ms: 1_180, p99_ms: 1_196 }],
  }),
  'When does the first byte of a stream arrive?': () => ({
    all: [{ model: 'claude-sonnet-4-5', streams: 2, p50_ms: 600 }],
  }),
  'How did the calls of each day end?': () => ({
    some: [
      { outcome: 'client_aborted', calls: 1 },
      { outcome: 'capture_lost', calls: 2 },
      { outcome: 'upstream_error', calls: 1 },
      { outcome: 'rejected', calls: 1 },
    ],
  }),
  'How many calls fail, by provider and status?': () => ({
    all: [
      { provider: 'gemini', status: 503, outcome: 'upstream_error', calls: 1 },
      { provider: 'openai', status: 429, outcome: 'complete', calls: 1, share: 0.1 },
    ],
  }),
  'Which calls did Flint refuse?': () => ({
    all: [{ error_code: 'invalid_request', status: 400, key_id: keyNamed('checkout'), calls: 1 }],
  }),
  'Which streams did clients break off, and at what cost?': () => ({
    all: [{ user_agent: 'claude-cli/2.1', aborted: 1, output_until_then: 40, usd: '0.5' }],
  }),
  'What do retries cost?': () => ({
    all: [{ provider: 'openai', first_attempts: 10, retries: 1, retries_usd: '0.03' }],
  }),
  'Which SDK versions are in use?': () => ({
    some: [{ user_agent: 'claude-cli/2.1', calls: 2, keys: 1 }],
  }),
  'Is every call there once?': () => ({
    all: [{ records: calls.count, calls: calls.count, duplicates: 0 }],
  }),
  'Which calls were not fully seen?': () => ({
    some: [
      { outcome: 'capture_lost', capture_gap: null, calls: 1 },
      { outcome: 'capture_lost', capture_gap: 'stream_lost', calls: 1 },
    ],
  }),
  'What is a record made of?': () => ({
    some: [
      { kind: 'intent', model: null },
      { kind: 'observation', model: 'claude-opus-4-5', cost_usd: '0.9' },
      { kind: 'closing', status: 200 },
    ],
  }),
  'Who read prompts?': () => ({
    all: [{ org: ORG, actor: keyNamed('checkout'), record_id: 'record_1', reason: 'ticket 17' }],
  }),
  'Who changed keys, settings and organisations?': () => ({
    some: [
      { action: 'key.revoked', actor, subject: keyNamed('revoked') },
      { action: 'settings.changed', new: expect.stringContaining('"promptCapture":true') },
    ],
  }),
  'Who exported or erased records?': () => ({
    all: [{ action: 'records.exported', new: '{"format":"csv","rows":3}' }],
  }),
  'Who failed to authenticate?': () => ({ all: [{ org: ORG, reason: 'expired', attempts: 7 }] }),
  'Which keys were not used for 30 days?': () => ({
    all: [
      { key_id: keyNamed('old job'), name: 'old job', last_use: expect.any(String) },
      { key_id: keyNamed('forgotten'), name: 'forgotten', last_use: null },
    ],
  }),
}

describe('docs/sql.md', () => {
  test('has at least 20 recipes, and each has an answer here', () => {
    expect(recipes.length).toBeGreaterThanOrEqual(20)
    expect(recipes.map(({ question }) => question)).toEqual(Object.keys(answers))
  })

  test.each(recipes)('answers: $question', async ({ question, sql }) => {
    const expected = answers[question]?.()
    const rows = await store.client.rows({ tag: 'test', sql })
    if (expected === undefined) throw new Error('no answer is known')
    if ('all' in expected)
      expect(rows).toEqual(expected.all.map((row) => expect.objectContaining(row)))
    else
      expect(rows).toEqual(
        expect.arrayContaining(expected.some.map((row) => expect.objectContaining(row))),
      )
  })

  test('lists the columns of the view `calls`, none missing and none more', async () => {
    const columns = await store.client.rows({ tag: 'test', sql: 'DESCRIBE TABLE calls' })
    const named = (rows: readonly { readonly name?: unknown; readonly type?: unknown }[]) =>
      rows.map(({ name, type }) => `${name} ${type}`).toSorted()
    expect(named(documentedColumns)).toEqual(named(columns))
  })

  test('says of every column that can be null when it is', () => {
    for (const { name, type, whenNull } of documentedColumns)
      expect([name, whenNull === 'never']).toEqual([name, !type.includes('Nullable')])
  })
})
