import fs from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, type Certificate, makeAuthority } from './support/authority.ts'
import { type EnvoyUnderTest, startEnvoy } from './support/envoy.ts'
import { cleanEnvironment, type FlintUnderTest, freePort, startFlint } from './support/flint.ts'
import { makeMeshProxy } from './support/mesh-envoy.ts'
import { meshSettings } from './support/mesh-settings.ts'
import { rawCall } from './support/raw-http.ts'
import { recordsByClaim } from './support/records.ts'
import {
  chatCompletion,
  type ScriptedProvider,
  startScriptedProvider,
} from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/*
 * Two real Envoys, one after the other: the sidecar of an app and an egress gateway, and both have
 * Flint's filters.
 */

const TRUST_DOMAIN = 'spiffe://cluster.local'
const NOTEBOOK = `${TRUST_DOMAIN}/ns/lab/sa/notebook`
const BODY = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] })

let provider: ScriptedProvider
let flint: FlintUnderTest
let gateway: EnvoyUnderTest
let sidecar: EnvoyUnderTest
let mesh: Authority
let notebook: Certificate

beforeAll(async () => {
  const root = temporaryDirectory()
  provider = await startScriptedProvider()
  provider.answer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(chatCompletion('hello'))
  })
  mesh = makeAuthority(path.join(root, 'mesh'))
  const processor = mesh.issue('flint', 'DNS:flint.flint.svc')
  const egress = mesh.issue('egress', `URI:${TRUST_DOMAIN}/ns/istio-system/sa/egress,IP:127.0.0.1`)
  notebook = mesh.issue('notebook', `URI:${NOTEBOOK}`)
  const reachable = await meshSettings(mesh, processor, {
    gateways: [`${TRUST_DOMAIN}/ns/istio-system/sa/egress`],
    sidecars: [`${TRUST_DOMAIN}/ns/lab/*`],
  })
  const { ports } = reachable
  const env = {
    FLINT_PROVIDERS_OPENAI_UPSTREAM: provider.url,
    ...reachable.env,
  }
  fs.mkdirSync(path.join(root, 'data'))
  flint = await startFlint({ env, dataDir: path.join(root, 'data') })
  await flint.cli('mesh', 'assign')
  const settings = { ...cleanEnvironment(), ...env, FLINT_DATA_DIR: flint.dataDir }
  const hosts = ['api.openai.com']
  const gatewayPort = await freePort()
  gateway = await startEnvoy(settings, gatewayPort, path.join(root, 'gateway'), (bootstrap) =>
    makeMeshProxy(bootstrap, {
      ...{ ca: mesh.certFile, own: egress, ports, hosts, callersShowCertificates: true },
    }),
  )
  sidecar = await startEnvoy(settings, await freePort(), path.join(root, 'sidecar'), (bootstrap) =>
    makeMeshProxy(bootstrap, {
      ...{ ca: mesh.certFile, own: notebook, ports, hosts, next: { port: gatewayPort } },
    }),
  )
}, 180_000)
afterAll(async () => {
  await Promise.all([gateway, sidecar].map((envoy) => envoy?.stop()))
  await flint?.stop()
  await provider?.close()
})

const headersOf = (claim: string) => ({
  host: 'api.openai.com',
  authorization: 'Bearer sk-proj-of-an-app-0123456789abcdefWXYZ',
  'content-type': 'application/json',
  'x-flint-request-id': claim,
})
const throughBoth = async (claim: string, more: Readonly<Record<string, string | string[]>> = {}) =>
  (
    await rawCall(`${sidecar.baseUrl}/v1/chat/completions?${claim}`, {
      headers: { ...headersOf(claim), ...more },
      body: BODY,
    })
  ).status

/** What holds the sidecar's certificate, past the sidecar. */
const straightToGateway = (claim: string, more: Readonly<Record<string, string | string[]>>) =>
  new Promise<number>((resolve, reject) => {
    const request = https.request(
      `${gateway.baseUrl.replace('http:', 'https:')}/v1/chat/completions?${claim}`,
      {
        ...{ method: 'POST', headers: { ...headersOf(claim), ...more }, agent: false },
        ...{ cert: fs.readFileSync(notebook.certFile), key: fs.readFileSync(notebook.keyFile) },
        ...{ ca: fs.readFileSync(mesh.certFile), servername: '' },
      },
      (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
    )
    request.on('error', reject)
    request.end(BODY)
  })

const arrived = (claim: string) => provider.received.filter(({ url }) => url.endsWith(`?${claim}`))
const evidenceOf = (recordId: string | undefined) =>
  flint.sql<{ kind: string; rows: number }>(
    `SELECT kind, toUInt32(count()) AS rows FROM evidence FINAL WHERE record_id = '${recordId}' GROUP BY kind ORDER BY kind`,
  )

describe('a call through a sidecar and a gateway that both capture', () => {
  test('has exactly one whole record, of the workload, and the provider sees nothing of Flint', async () => {
    expect(await throughBoth('both')).toBe(200)
    const [seen, ...again] = arrived('both')
    expect(again).toEqual([])
    expect(Object.keys(seen?.headers ?? {}).filter((name) => name.startsWith('x-'))).toEqual([])
    const record = (await recordsByClaim(flint, ['both'])).get('both')
    expect(record).toMatchObject({
      ...{ source: 'mesh', outcome: 'complete', status: 200, totalTokens: 15 },
      ...{ workload: NOTEBOOK, namespace: 'lab', identityBasis: 'proxy_certificate' },
    })
    await expect
      .poll(() => evidenceOf(record?.requestId), { timeout: 10_000 })
      .toEqual(['closing', 'intent', 'observation', 'sighting'].map((kind) => ({ kind, rows: 1 })))
    // The record that a second one would be had no claim: the first gate takes it out.
    expect(await flint.records()).toHaveLength(1)
  })

  test('has one too whatever seals its app makes up', async () => {
    const made = `${'0199c0de-0000-7000-8000-000000000001'}.org_1.${'A'.repeat(43)}`
    const before = (await flint.records()).length
    expect(await throughBoth('made-up', { 'x-flint-call': made })).toBe(200)
    expect(await throughBoth('made-up-twice', { 'x-flint-call': [made, made] })).toBe(200)
    await recordsByClaim(flint, ['made-up', 'made-up-twice'])
    expect(Object.keys(arrived('made-up-twice')[0]?.headers ?? {})).not.toContain('x-flint-call')
    expect(await flint.records()).toHaveLength(before + 2)
  })

  test('that goes past the sidecar has a record, whatever it sends', async () => {
    const made = `${'0199c0de-0000-7000-8000-000000000001'}.org_1.${'A'.repeat(43)}`
    expect(await straightToGateway('past', { 'x-flint-call': made })).toBe(200)
    expect(arrived('past')[0]?.headers).not.toHaveProperty('x-flint-call')
    expect((await recordsByClaim(flint, ['past'])).get('past')).toMatchObject({
      ...{ outcome: 'complete', workload: NOTEBOOK, identityBasis: 'peer_certificate' },
    })
  })

  test('is in the second proxy’s log, which adds no record and no row', async () => {
    expect(fs.readFileSync(gateway.log, 'utf8')).toContain('"capture":"second"')
    const before = (await flint.records()).length
    const found = JSON.parse(await flint.cli('reconcile', gateway.log, '--json')) as object
    expect(found).toMatchObject({ lines: 4, matched: 1, onlyInLog: 0, endOnlyInLog: 0, forged: 0 })
    expect(await flint.records()).toHaveLength(before)
  })
})
