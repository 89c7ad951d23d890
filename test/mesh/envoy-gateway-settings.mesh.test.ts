import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordsByClaim } from '../support/records.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { isInstalled } from './go-tools.ts'
import {
  type EnvoyGatewayMesh,
  nowhere,
  startEnvoyGatewayMesh,
} from './support/envoy-gateway-mesh.ts'
import { tlsCall } from './support/tls-app.ts'

/* What the settings make of a gateway, each by one of its own before the same Flint. */

const UNAVAILABLE = { error: expect.objectContaining({ code: 'audit_unavailable' }) }

describe.skipIf(!isInstalled('egctl'))('a gateway that Envoy Gateway configures', () => {
  let mesh: EnvoyGatewayMesh
  beforeAll(async () => {
    mesh = await startEnvoyGatewayMesh(temporaryDirectory())
  }, 240_000)
  afterAll(() => mesh?.stop())

  test('lets nothing out where EnvoyPatchPolicy is switched off', async () => {
    const unpatched = await mesh.start('unpatched', {}, ['EnvoyPatchPolicy'])
    const calls = mesh.provider.received.length
    const { status, body } = await mesh.call(unpatched, mesh.apps['team-a'])
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { error: expect.objectContaining({ code: 'unknown_provider' }) },
    ])
    expect(mesh.provider.received.length).toBe(calls)
  })

  test('takes calls without a certificate where the settings say so, by their address', async () => {
    const open = await mesh.start('optional', { clientCertificates: 'optional' })
    const headers = { 'x-flint-request-id': 'anyone' }
    expect((await mesh.call(open, null, { headers })).status).toBe(200)
    const named = { 'x-flint-request-id': 'someone' }
    expect((await mesh.call(open, mesh.apps['team-b'], { headers: named })).status).toBe(200)
    const records = await recordsByClaim(mesh.flint.flint, ['anyone', 'someone'])
    expect(records.get('anyone')).toMatchObject({ identityBasis: 'source_address' })
    expect(records.get('someone')).toMatchObject({ identityBasis: 'peer_certificate' })
  })

  test('speaks plain HTTP where the settings say so', async () => {
    const plain = await mesh.start('plain', { clientCertificates: 'none' })
    // Of no provider's name: there is no route for it, and nothing is forwarded without a record.
    const other = await fetch(`http://127.0.0.1:${plain.port}/v1/models`)
    expect(other.status).toBe(403)
    const headers = { 'x-flint-request-id': 'in-plain' }
    const { status } = await tlsCall(plain.port, null, null, { headers })
    expect(status).toBe(200)
    const records = await recordsByClaim(mesh.flint.flint, ['in-plain'])
    expect(records.get('in-plain')).toMatchObject({
      ...{ source: 'mesh', identityBasis: 'source_address' },
      workload: expect.stringContaining('127.0.0.1'),
    })
  })

  test('lets no byte pass unseen once the profile is acked', async () => {
    const caFile = mesh.authorities.providers.certFile
    const acked = await mesh.start('acked', { profile: 'acked', caFile })
    const headers = { 'x-flint-request-id': 'acked' }
    expect((await mesh.call(acked, mesh.apps['team-a'], { headers })).status).toBe(200)
    const records = await recordsByClaim(mesh.flint.flint, ['acked'])
    expect(records.get('acked')).toMatchObject({ outcome: 'complete', totalTokens: 15 })
    const observer = await nowhere()
    const blind = await mesh.start('blind', { profile: 'acked', observer, caFile })
    const { status, body } = await mesh.call(blind, mesh.apps['team-a'])
    expect([status, JSON.parse(body)]).toEqual([503, UNAVAILABLE])
  })

  test('lets calls pass without its observer, and none without its gate', async () => {
    const observer = await nowhere()
    const unobserved = await mesh.start('unobserved', { observer })
    expect((await mesh.call(unobserved, mesh.apps['team-a'])).status).toBe(200)
    const gate = await nowhere()
    const ungated = await mesh.start('ungated', { gate })
    const calls = mesh.provider.received.length
    const { status, body, headers } = await mesh.call(ungated, mesh.apps['team-a'])
    expect([status, headers['content-type']]).toEqual([503, 'application/json'])
    expect(JSON.parse(body)).toEqual(UNAVAILABLE)
    expect(mesh.provider.received.length).toBe(calls)
  })
})
