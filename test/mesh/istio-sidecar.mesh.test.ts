import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { hasIstio } from './go-tools.ts'
import { call } from './support/app.ts'
import { filtersDelivered, filtersRendered } from './support/http-filters.ts'
import { type IstioMesh, SIDECARS, startIstioMesh } from './support/istio-mesh.ts'

describe.skipIf(!hasIstio())('sidecars that istiod configures', () => {
  let mesh: IstioMesh
  beforeAll(async () => {
    mesh = await startIstioMesh(
      temporaryDirectory(),
      { captureAt: 'sidecar', namespaces: ['team-a'] },
      [
        {
          ...{ kind: 'sidecar', namespace: 'team-a', serviceAccount: 'chatbot' },
          ...{ labels: { app: 'chatbot' }, ip: '127.0.0.20' },
        },
      ],
    )
  })
  afterAll(() => mesh?.stop())

  test('have the filters as they were rendered, off but for providers', async () => {
    const delivered = filtersDelivered(await mesh.proxies['team-a']?.configDump())
    const flints = delivered.filter(({ name }) => name.startsWith('flint.'))
    expect(flints.map(({ name, disabled }) => [name, disabled])).toEqual([
      ['flint.auth', true],
      ['flint.guard', true],
      ['flint.observe', true],
    ])
    const rendered = await filtersRendered(mesh, temporaryDirectory())
    expect(flints).toEqual(rendered.filter(({ name }) => name.startsWith('flint.')))
  })

  test('ask the gate under the workload’s own certificate, and give the observer a copy', async () => {
    const { asked, observed, closings } = mesh.processor
    const { status } = await call(SIDECARS['team-a'])
    expect(status).toBe(200)
    expect(asked).toEqual([
      expect.objectContaining({
        mode: 'mesh',
        proxy: 'URI:spiffe://cluster.local/ns/team-a/sa/chatbot',
      }),
    ])
    await eventually(() => {
      expect(observed).toContain('response_body')
      expect(closings.length).toBeGreaterThan(0)
    })
    const { headers, serverName } = mesh.provider.received[0] ?? {}
    expect(serverName).toBe('api.openai.com')
    expect(Object.keys(headers ?? {}).sort()).toEqual([
      ...['authorization', 'content-length', 'content-type', 'host'],
    ])
  })

  test('refuse calls while the gate is down, and touch no other traffic', async () => {
    const asked = mesh.processor.asked.length
    const other = await call(SIDECARS['team-a'], { headers: { host: 'other.example' } })
    // REGISTRY_ONLY: no such service, in the mesh's own terms.
    expect([other.status, other.headers['content-type']]).toEqual([502, undefined])
    expect(mesh.processor.asked.length).toBe(asked)
    await mesh.processor.gate.stop()
    const { status, body } = await call(SIDECARS['team-a'])
    expect([status, JSON.parse(body)]).toEqual([
      503,
      expect.objectContaining({ error: expect.objectContaining({ code: 'audit_unavailable' }) }),
    ])
    await mesh.processor.gate.start()
  })
})
