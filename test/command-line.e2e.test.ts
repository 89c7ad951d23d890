import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlintUnderTest, startFlint, until } from './support/flint.ts'

let flint: FlintUnderTest
beforeAll(async () => {
  flint = await startFlint({ env: { FLINT_OPERATOR_KEY: 'operator-key-of-a-test-0001' } })
})
afterAll(() => flint?.stop())

const get = async (address: string, key = flint.key) => fetch(flint.baseUrl + address, { headers: { authorization: `Bearer ${key}` } })
const json = async <Body>(...words: string[]) => JSON.parse(await flint.cli(...words)) as Body

interface MadeKey {
  readonly id: string
  readonly key: string
  readonly org: string
}

describe('flint on the command line reaches the running Flint', () => {
  it('keys: makes, lists with their last use, renames, rotates and revokes them; the API follows at once or within seconds', async () => {
    const made = await json<MadeKey>('keys', 'create', '--name', 'ci', '--scopes', 'read,admin', '--json')
    await until('the key to be known', 10_000, async () => (await get('/v1/audit', made.key)).status === 200)
    await flint.cli('keys', 'rename', made.id, '--name', 'ci 2')
    const next = await json<MadeKey>('keys', 'rotate', made.id, '--overlap', '3600', '--json')
    await until('the new key to be known', 10_000, async () => (await get('/v1/audit', next.key)).status === 200)
    expect((await get('/v1/audit', made.key)).status).toBe(200)
    const keys = await json<Array<{ id: string; name: string; expiresAt: string | null }>>('keys', 'list', '--json')
    expect(keys.find(({ id }) => id === made.id)).toMatchObject({ name: 'ci 2', expiresAt: expect.any(String) })
    expect(JSON.stringify(keys)).not.toContain('keyHash')
    await flint.cli('keys', 'revoke', next.id)
    await until('the key to be refused', 10_000, async () => (await get('/v1/audit', next.key)).status === 401)
    await expect(flint.cli('keys', 'rotate', next.id)).rejects.toThrow('expired or revoked')
    for (const command of ['rename', 'revoke', 'rotate'])
      await expect(flint.cli('keys', command, 'key_nobody', ...(command === 'rename' ? ['--name', 'x'] : []))).rejects.toThrow(
        'there is no key key_nobody',
      )
  })

  it('settings: shows and changes them, and names what is wrong', async () => {
    expect(await json('settings', 'get')).toMatchObject({ promptCapture: false, retentionDays: 90 })
    const set = ['settings', 'set', '--prompt-capture', 'on', '--content-retention-days', '30', '--prompt-hash-mode', 'hmac']
    expect(await json(...set)).toMatchObject({ promptCapture: true, contentRetentionDays: 30, promptHashMode: 'hmac', revision: 1 })
    expect(await (await get('/v1/settings')).json()).toMatchObject({ promptCapture: true, contentRetentionDays: 30 })
    await expect(flint.cli('settings', 'set', '--retention-days', '3')).rejects.toThrow(
      'retentionDays must be a whole number from 7 to 3650',
    )
    await expect(flint.cli('settings', 'set', '--prompt-capture', 'yes')).rejects.toThrow('must be on or off')
    await expect(flint.cli('settings', 'get', '--org', 'org_nobody')).rejects.toThrow('there is no organisation org_nobody')
  })

  it('orgs: makes one whose key works, and then wants to know which one is meant', async () => {
    const { organisation, key } = await json<{ organisation: { id: string }; key: MadeKey }>(
      'orgs',
      'create',
      '--name',
      'Research',
      '--json',
    )
    await until('the key of the new organisation', 10_000, async () => (await get('/v1/settings', key.key)).status === 200)
    await flint.cli('orgs', 'rename', organisation.id, '--name', 'Labs')
    expect(await flint.cli('orgs', 'list')).toContain('Labs')
    await expect(flint.cli('settings', 'get')).rejects.toThrow('name one with --org')
    expect(await json('settings', 'get', '--org', organisation.id)).toMatchObject({ promptCapture: false })
  })

  it('events: tells all of it, by whose hand', async () => {
    const lines = (await flint.cli('events', '--json', '--limit', '100')).trim().split('\n')
    const events = lines.map((line) => JSON.parse(line) as { actor: string; action: string })
    for (const action of [
      'key.created',
      'key.renamed',
      'key.rotated',
      'key.revoked',
      'settings.changed',
      'organisation.created',
      'organisation.renamed',
    ])
      expect(events).toContainEqual(expect.objectContaining({ actor: 'cli', action }))
    expect(await flint.cli('events')).toContain('settings.changed')
  })

  it('orgs over HTTP are the operator’s: his key, and no organisation’s', async () => {
    expect((await get('/v1/orgs', 'operator-key-of-a-test-0001')).status).toBe(200)
    expect((await get('/v1/orgs')).status).toBe(401)
  })
})
