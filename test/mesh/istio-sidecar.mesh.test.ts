import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { recordsByClaim } from '../support/records.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { until } from '../support/until.ts'
import { hasIstio } from './go-tools.ts'
import { ask } from './support/app.ts'
import { filtersDelivered, filtersRendered } from './support/http-filters.ts'
import { type IstioMesh, SIDECARS, startIstioMesh } from './support/istio-mesh.ts'

const APPS = { 'team-a': 'chatbot', 'team-b': 'search' } as const
const NAMESPACES = ['team-a', 'team-b'] as const

describe.skipIf(!hasIstio())('sidecars that istiod configures', () => {
  let mesh: IstioMesh
  beforeAll(async () => {
    mesh = await startIstioMesh(
      temporaryDirectory(),
      { sidecars: NAMESPACES.map((namespace) => `spiffe://cluster.local/ns/${namespace}/*`) },
      { captureAt: 'sidecar', namespaces: NAMESPACES },
      NAMESPACES.map((namespace, index) => ({
        ...{ kind: 'sidecar' as const, namespace, serviceAccount: APPS[namespace] },
        ...{ labels: { app: APPS[namespace] }, ip: `127.0.0.${20 + index}` },
      })),
    )
    await until(
      'the assignment',
      20_000,
      async () => (await ask(SIDECARS['team-a'], 'early')).status === 200,
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
    const [manifest] = mesh.manifests.filter(({ kind }) => kind === 'EnvoyFilter')
    const rendered = await filtersRendered(
      { ...mesh, manifests: manifest === undefined ? [] : [manifest] },
      temporaryDirectory(),
    )
    expect(flints).toEqual(rendered.filter(({ name }) => name.startsWith('flint.')))
  })

  test('make one whole record of each call, of the workload whose certificate they show to Flint', async () => {
    for (const namespace of NAMESPACES)
      expect((await ask(SIDECARS[namespace], `sidecar-of-${namespace}`)).status).toBe(200)
    const claims = NAMESPACES.map((namespace) => `sidecar-of-${namespace}`)
    const records = await recordsByClaim(mesh.flint, claims)
    for (const namespace of NAMESPACES)
      expect(records.get(`sidecar-of-${namespace}`)).toMatchObject({
        ...{ source: 'mesh', outcome: 'complete', totalTokens: 15 },
        ...{ identityBasis: 'proxy_certificate', namespace, serviceAccount: APPS[namespace] },
        workload: `spiffe://cluster.local/ns/${namespace}/sa/${APPS[namespace]}`,
      })
    const { headers, serverName } = mesh.provider.received.at(-1) ?? {}
    expect(serverName).toBe('api.openai.com')
    expect(Object.keys(headers ?? {}).sort()).toEqual([
      ...['authorization', 'content-length', 'content-type', 'host'],
    ])
  })

  test('refuse calls while the gate is away, and touch no other traffic', async () => {
    const answered = async () =>
      [...(await mesh.flint.metrics())]
        .filter(([name]) => /^flint_gate_(forwarded|refused)_total/.test(name))
        .reduce((sum, [, count]) => sum + count, 0)
    const before = await answered()
    expect(before).toBeGreaterThan(0)
    const other = await ask(SIDECARS['team-a'], 'other', { headers: { host: 'other.example' } })
    // REGISTRY_ONLY: no such service, in the mesh's own terms.
    expect([other.status, other.headers['content-type']]).toEqual([502, undefined])
    expect(await answered()).toBe(before)
    await mesh.gate.goAway()
    const { status, body } = await ask(SIDECARS['team-a'], 'gate-away')
    expect([status, JSON.parse(body)]).toEqual([
      503,
      expect.objectContaining({ error: expect.objectContaining({ code: 'audit_unavailable' }) }),
    ])
    await mesh.gate.comeBack()
    await eventually(async () =>
      expect((await ask(SIDECARS['team-a'], 'gate-back')).status).toBe(200),
    )
  })
})
