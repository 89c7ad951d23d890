import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { sampleRecordId, sampleReport } from '../src/evidence/sample-evidence.ts'
import { until } from './support/until.ts'
import { useFlint } from './support/use-flint.ts'

const flint = useFlint(() => ({ env: { FLINT_OPERATOR_KEY: 'operator-key-of-a-test-0001' } }))

const get = async (address: string, key = flint.key) =>
  fetch(flint.baseUrl + address, { headers: { authorization: `Bearer ${key}` } })
const json = async <Body>(...args: string[]) => JSON.parse(await flint.cli(...args)) as Body

interface MadeKey {
  readonly id: string
  readonly key: string
  readonly org: string
}

describe('flint on the command line reaches the running Flint', () => {
  test('keys: makes, lists with their last use, renames, rotates and revokes them; the API follows at once or within seconds', async () => {
    const made = await json<MadeKey>(
      'keys',
      'create',
      '--name',
      'ci',
      '--scopes',
      'read,admin',
      '--json',
    )
    await until(
      'the key to be known',
      10_000,
      async () => (await get('/v1/audit', made.key)).status === 200,
    )
    await flint.cli('keys', 'rename', made.id, '--name', 'ci 2')
    const next = await json<MadeKey>('keys', 'rotate', made.id, '--overlap', '3600', '--json')
    await until(
      'the new key to be known',
      10_000,
      async () => (await get('/v1/audit', next.key)).status === 200,
    )
    expect((await get('/v1/audit', made.key)).status).toBe(200)
    const keys = await json<Array<{ id: string; name: string; expiresAt: string | null }>>(
      'keys',
      'list',
      '--json',
    )
    expect(keys.find(({ id }) => id === made.id)).toMatchObject({
      name: 'ci 2',
      expiresAt: expect.any(String),
    })
    expect(JSON.stringify(keys)).not.toContain('keyHash')
    await flint.cli('keys', 'revoke', next.id)
    await until(
      'the key to be refused',
      10_000,
      async () => (await get('/v1/audit', next.key)).status === 401,
    )
    expect(await flint.cli('keys', 'list')).toMatch(new RegExp(`${next.id}.*revoked`))
    await expect(flint.cli('keys', 'rotate', next.id)).rejects.toThrow('expired or revoked')
    for (const command of ['rename', 'revoke', 'rotate'])
      await expect(
        flint.cli('keys', command, 'key_nobody', ...(command === 'rename' ? ['--name', 'x'] : [])),
      ).rejects.toThrow('there is no key key_nobody')
  })

  test('settings: shows and changes them, and names what is wrong', async () => {
    expect(await json('settings', 'get')).toMatchObject({ promptCapture: false, retentionDays: 90 })
    const set = [
      'settings',
      'set',
      '--prompt-capture',
      'on',
      '--content-retention-days',
      '30',
      '--prompt-hash-mode',
      'hmac',
    ]
    expect(await json(...set)).toMatchObject({
      promptCapture: true,
      contentRetentionDays: 30,
      promptHashMode: 'hmac',
      revision: 1,
    })
    expect(await (await get('/v1/settings')).json()).toMatchObject({
      promptCapture: true,
      contentRetentionDays: 30,
    })
    await expect(flint.cli('settings', 'set', '--retention-days', '3')).rejects.toThrow(
      'retentionDays must be a whole number from 7 to 3650',
    )
    await expect(flint.cli('settings', 'set', '--prompt-capture', 'yes')).rejects.toThrow(
      'must be on or off',
    )
    await expect(flint.cli('settings', 'get', '--org', 'org_nobody')).rejects.toThrow(
      'there is no organisation org_nobody',
    )
  })

  test('holds: places, lists and releases them; the API shows the same, and wrong filters are named', async () => {
    const placed = await json<{ id: string }>(
      ...['holds', 'place', '--filter', 'tag=customer:4711&minLatencyMs=5&outcome=!complete'],
      ...['--reason', 'Case 17', '--json'],
    )
    const { holds } = (await (await get('/v1/holds')).json()) as { holds: object[] }
    expect(holds).toEqual([
      expect.objectContaining({
        id: placed.id,
        reason: 'Case 17',
        filter: { tag: ['customer:4711'], minLatencyMs: 5, outcome: ['!complete'] },
        holdsEverything: false,
        placedBy: 'cli',
        releasedAt: null,
      }),
    ])
    await flint.cli('holds', 'place', '--all', '--reason', 'Audit of the year')
    expect(await flint.cli('holds', 'list')).toMatch(/Audit of the year.*everything.*Case 17/s)
    for (const [filter, message] of [
      ['model', 'The query parameter "model"'],
      ['modle=gpt-4o', 'Unknown query parameter "modle"'],
      ['minLatencyMs=soon', 'The query parameter "minLatencyMs" must be integer'],
      ['tag=team', 'The filter "tag" must be name:value'],
      ['timeZone=UTC', 'names nothing to hold'],
    ] as const)
      await expect(
        flint.cli('holds', 'place', '--filter', filter, '--reason', 'x'),
      ).rejects.toThrow(message)
    await expect(flint.cli('holds', 'place', '--reason', 'x')).rejects.toThrow(
      'either --filter or --all',
    )
    expect(await flint.cli('holds', 'release', placed.id, '--reason', 'Closed')).toContain('Closed')
    const list = (await flint.cli('holds', 'list', '--json')).trim().split('\n')
    expect(list.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ filter: null, releasedAt: null }),
      expect.objectContaining({ id: placed.id, releasedBy: 'cli', releaseReason: 'Closed' }),
    ])
    await expect(flint.cli('holds', 'release', 'nothing', '--reason', 'x')).rejects.toThrow(
      'there is no hold nothing',
    )
  })

  test('orgs: makes one whose key works, and then wants to know which one is meant', async () => {
    const { organisation, key } = await json<{ organisation: { id: string }; key: MadeKey }>(
      'orgs',
      'create',
      '--name',
      'Research',
      '--json',
    )
    await until(
      'the key of the new organisation',
      10_000,
      async () => (await get('/v1/settings', key.key)).status === 200,
    )
    await flint.cli('orgs', 'rename', organisation.id, '--name', 'Labs')
    expect(await flint.cli('orgs', 'list')).toContain('Labs')
    await expect(flint.cli('settings', 'get')).rejects.toThrow('name one with --org')
    expect(await json('settings', 'get', '--org', organisation.id)).toMatchObject({
      promptCapture: false,
    })
  })

  test('sql users: says why the embedded ClickHouse has none, and what to do', async () => {
    for (const command of ['add', 'remove', 'verify'])
      await expect(flint.cli('sql', 'users', command, 'analyst')).rejects.toThrow(
        /the embedded ClickHouse has no users.*file\(\).*FLINT_CLICKHOUSE_URL/,
      )
    await expect(flint.cli('sql', 'users', 'list')).rejects.toThrow('the embedded ClickHouse')
  })

  test('dead-letters: lists what the store refused without its text, shows it, puts it back; the ledger and the record name it', async () => {
    const [{ id: org } = { id: '' }] = await json<Array<{ id: string }>>('orgs', 'list', '--json')
    const call = { org, createdAtMs: Date.now() - 1_000 }
    const requestId = sampleRecordId(call.createdAtMs)
    const refused = {
      ...sampleReport(call, { prompt_preview: 'a private thought' }),
      latency_ms: -1.5,
    }
    const directory = path.join(flint.dataDir, 'spool', 'another-instance', 'api')
    fs.mkdirSync(directory, { recursive: true })
    fs.writeFileSync(path.join(directory, '1-000000001.part'), `${JSON.stringify(refused)}\n`)
    fs.renameSync(
      path.join(directory, '1-000000001.part'),
      path.join(directory, '1-000000001.ndjson'),
    )

    await until(
      'the record of what could be kept',
      15_000,
      async () => (await get(`/v1/audit/${requestId}`)).status === 200,
    )
    expect(await (await get(`/v1/audit/${requestId}`)).json()).toMatchObject({
      captureGap: 'row_refused',
      inputTokens: 512,
      promptPreview: null,
    })
    const ledger = await json<{ losses: unknown[]; alarms: Record<string, number> }>(
      'losses',
      '--json',
    )
    expect(ledger.losses).toContainEqual(
      expect.objectContaining({ requestId, reason: 'row_refused' }),
    )
    expect(ledger.alarms).toMatchObject({
      flint_delivery_dead_letters_total: 1,
      flint_delivery_letters_kept: 1,
    })

    const listed = await flint.cli('dead-letters', 'list', '--json')
    const [letter] = JSON.parse(listed) as Array<{ id: string; kind: string }>
    expect(letter).toMatchObject({
      org,
      kind: 'report',
      id: expect.stringContaining(requestId),
      reason: expect.stringContaining('code'),
    })
    expect(listed).not.toContain('private thought')
    expect(await flint.cli('dead-letters', 'list')).not.toContain('private thought')
    expect(await flint.cli('dead-letters', 'show', letter?.id ?? '')).toContain('private thought')
    expect(await flint.cli('dead-letters', 'retry', letter?.id ?? '')).toContain('1 put back')
    // Refused for the same again.
    await until(
      'it to be a letter again',
      15_000,
      async () => (await json<unknown[]>('dead-letters', 'list', '--json')).length === 1,
    )
    await expect(flint.cli('dead-letters', 'show', 'nobody')).rejects.toThrow(
      'there is no dead letter nobody',
    )
  })

  test('events: lists all of it, and who did it', async () => {
    const lines = (await flint.cli('events', '--json', '--limit', '100')).trim().split('\n')
    const events = lines.map((line) => JSON.parse(line) as { actor: string; action: string })
    for (const action of [
      'key.created',
      'key.renamed',
      'key.rotated',
      'key.revoked',
      'settings.changed',
      'hold.placed',
      'hold.released',
      'organisation.created',
      'organisation.renamed',
    ])
      expect(events).toContainEqual(expect.objectContaining({ actor: 'cli', action }))
    expect(await flint.cli('events')).toContain('settings.changed')
  })

  test('orgs over HTTP need the operator key, an organisation’s key will not do', async () => {
    expect((await get('/v1/orgs', 'operator-key-of-a-test-0001')).status).toBe(200)
    expect((await get('/v1/orgs')).status).toBe(401)
  })
})
