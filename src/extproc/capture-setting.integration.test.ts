import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../test/support/api-on-store.ts'
import { eventually } from '../../test/support/eventually.ts'
import { PROVIDER_KEY } from '../../test/support/provider-key.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { IntentEvidence } from '../evidence/evidence.ts'
import { KeyCache, toCachedKey } from '../identity/key-cache.ts'
import { SettingsCache } from '../identity/settings-cache.ts'
import { repeat } from '../process/repeat.ts'
import { SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { createMetadataSeal } from './call-metadata.ts'
import { createGate, createGateCounters } from './gate.ts'
import { createHopSeals } from './hop-seal.ts'
import { createUploadTickets } from './upload-ticket.ts'

/**
 * Headers of one call, as Envoy encodes them:
 * ProcessingRequest{request_headers{headers{headers{key, raw_value}}}}.
 */
function requestHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const field = (number: number, body: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2]), varint(body.length), body])
  const map = Object.entries(headers).map(([name, value]) =>
    field(1, Buffer.concat([field(1, Buffer.from(name)), field(3, Buffer.from(value))])),
  )
  return field(2, field(1, Buffer.concat(map)))
}
function varint(value: number): Buffer {
  return value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(value >> 7)])
}

let flint: ApiOnStore
let folder: string
const directories: Array<{ stop(): void }> = []
const refreshing: Array<() => Promise<void>> = []
beforeAll(async () => {
  flint = await startApiOnStore()
  folder = temporaryDirectory()
})
afterAll(async () => {
  await Promise.all(refreshing.map((stop) => stop()))
  for (const directory of directories) directory.stop()
  await flint?.stop()
})

/** A gate of another machine: its own copies, the same ClickHouse, refreshed as in production. */
async function gateOn(machine: string) {
  const log = createIdentityLog(flint.store.client)
  const secrets = path.join(folder, machine)
  const keys = new KeyCache({
    pepper: Buffer.from('the pepper of a test'),
    file: path.join(secrets, 'keys.json'),
    load: async () => (await log.listKeys()).map(toCachedKey),
  })
  const settings = new SettingsCache({
    file: path.join(secrets, 'settings.json'),
    load: () => log.listSettings(),
  })
  for (const directory of [keys, settings]) {
    await directory.refresh()
    directory.watchCopy()
    directories.push(directory)
    refreshing.push(
      repeat(
        5_000,
        () => directory.refresh(),
        () => {},
      ),
    )
  }
  const rows: IntentEvidence[] = []
  const gate = createGate({
    providers: SHIPPED_PROVIDERS,
    authenticator: keys,
    holders: keys,
    tickets: createUploadTickets(Buffer.from('secret of a test')),
    settings,
    mesh: { organisationOf: () => null },
    failures: { note() {} },
    hopSeals: createHopSeals(Buffer.from('secret of a test')),
    seal: createMetadataSeal(Buffer.from('secret of a test')),
    spool: {
      append(row, done) {
        if (row.kind === 'intent') rows.push(row)
        done(null)
      },
    },
    writer: `${machine}/gate`,
    counters: createGateCounters(),
  })
  return async (key: string) => {
    const before = rows.length
    await new Promise<void>((resolve) => {
      const stream = gate(
        { send: () => resolve(), end: () => resolve(), fail: () => resolve() },
        {},
        null,
      )
      stream.message(
        requestHeaders({
          ':method': 'POST',
          ':path': '/v1/proxy/openai/chat/completions',
          authorization: `Bearer ${key}`,
          'x-provider-key': PROVIDER_KEY,
        }),
      )
    })
    return rows.length > before ? rows.at(-1)?.capture : 'refused'
  }
}

test('prompt capture is in force on every gate within seconds of the change, for that organisation alone, and off again as fast', async () => {
  const gates = [await gateOn('one'), await gateOn('two')]
  const on = async (key: string) => Promise.all(gates.map((capture) => capture(key)))
  expect(await on(flint.ours.key)).toEqual([false, false])
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: true } })
  await eventually(async () => expect(await on(flint.ours.key)).toEqual([true, true]), 60_000)
  expect(await on(flint.theirs.key)).toEqual([false, false])
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: false } })
  await eventually(async () => expect(await on(flint.ours.key)).toEqual([false, false]), 60_000)
})

test('a key revoked by one replica is refused by the other within seconds', async () => {
  const gates = [await gateOn('three'), await gateOn('four')]
  const made = (await flint.ask('POST', '/v1/keys', { body: { name: 'ends' } })).body
  const both = async () => Promise.all(gates.map((call) => call(made.key)))
  await eventually(async () => expect(await both()).toEqual([false, false]), 60_000)
  await flint.ask('DELETE', `/v1/keys/${made.id}`)
  await eventually(async () => expect(await both()).toEqual(['refused', 'refused']), 60_000)
})
