import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordsByClaim } from '../support/records.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { isInstalled } from './go-tools.ts'
import { type EnvoyGatewayMesh, startEnvoyGatewayMesh } from './support/envoy-gateway-mesh.ts'
import {
  type EnvoyGatewayServer,
  hasItsPorts,
  startEnvoyGatewayServer,
} from './support/envoy-gateway-server.ts'
import { filtersDelivered } from './support/http-filters.ts'

/*
 * Envoy Gateway's server while it runs: it delivers certificates too, which a translation does not
 * show, and names filters otherwise.
 */

const CAN_RUN = isInstalled('egctl') && isInstalled('envoy-gateway') && (await hasItsPorts())

describe.skipIf(!CAN_RUN)('a gateway that Envoy Gateway’s server configures', () => {
  let mesh: EnvoyGatewayMesh
  let server: EnvoyGatewayServer
  beforeAll(async () => {
    const directory = temporaryDirectory()
    mesh = await startEnvoyGatewayMesh(directory)
    const translated = await mesh.start('translated', {
      caFile: mesh.authorities.providers.certFile,
    })
    server = await startEnvoyGatewayServer(path.join(directory, 'server'), mesh.authorities, {
      config: translated.config,
      envoy: translated.envoy,
    })
  }, 240_000)
  afterAll(async () => {
    await server?.stop()
    await mesh?.stop()
  })

  test('has the filters in their order, whatever their names begin with', async () => {
    const filters = filtersDelivered(await server.configDump())
    expect(filters.map(({ name }) => name.replace(/^.*\/flint-egress\//, ''))).toEqual([
      ...['extproc/0', 'flint.guard', 'extproc/1', 'envoy.filters.http.router'],
    ])
    expect(filters[0]?.typed_config).toMatchObject({
      grpc_service: { initial_metadata: [{ key: 'x-flint-mode', value: 'mesh' }] },
    })
    expect(filters[2]?.typed_config).toMatchObject({ observability_mode: true })
    expect(filters[2]?.typed_config).toHaveProperty('forward_rules.allowed_headers')
  })

  test('gets the certificates by which it and Flint know each other, and leaves records', async () => {
    const headers = { 'x-flint-request-id': 'through-the-server' }
    const { status } = await mesh.call(server, mesh.apps['team-b'], { headers })
    expect(status).toBe(200)
    const records = await recordsByClaim(mesh.flint.flint, ['through-the-server'])
    expect(records.get('through-the-server')).toMatchObject({
      ...{ source: 'mesh', outcome: 'complete', totalTokens: 15 },
      ...{ identityBasis: 'peer_certificate', namespace: 'team-b' },
    })
  })
  test('forwards nothing by the route that is there for the certificate alone', async () => {
    const calls = mesh.provider.received.length
    const { status, body } = await mesh.call(server, mesh.apps['team-b'], {
      headers: { host: 'flint-client-certificate.invalid' },
    })
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { error: expect.objectContaining({ code: 'unknown_provider' }) },
    ])
    expect(mesh.provider.received.length).toBe(calls)
  })
})
