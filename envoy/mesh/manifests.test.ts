import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { packageRoot } from '../../src/config/package-root.ts'
import { HOP_SEAL_HEADER } from '../../src/extproc/hop-seal.ts'
import { MESH_ATTRIBUTES } from '../../src/extproc/mesh-identity.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { chainOf } from './chain.ts'
import { type Manifest, printFile } from './manifest.ts'
import { CONTROL_PLANES, type ControlPlane } from './manifest-folders.ts'

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

function configOf(settings: Record<string, unknown>) {
  const file = path.join(directory, 'flint.yaml')
  fs.writeFileSync(file, JSON.stringify(settings))
  return loadConfig({ FLINT_CONFIG: file }, directory).config
}

function render(mesh: Record<string, unknown> = {}, others: Record<string, unknown> = {}) {
  const files = CONTROL_PLANES.istio(configOf({ ...others, mesh: { manifests: mesh } }))
  const manifests = files.flatMap((file) => file.manifests)
  const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
  return { files, manifests, ofKind }
}

const named = (manifests: readonly Manifest[]) => manifests.map(({ metadata }) => metadata.name)

interface HttpRoute {
  readonly retries?: { readonly attempts: number }
  readonly headers?: { readonly request: { readonly remove: readonly string[] } }
  readonly route: ReadonlyArray<{ readonly destination: { readonly host: string } }>
}

const routesIn = (manifests: readonly Manifest[]) =>
  manifests.flatMap((manifest) => (manifest['spec'] as { http: HttpRoute[] }).http)

const SHIPPED: ReadonlyArray<
  readonly [folder: string, controlPlane: ControlPlane, mesh: Record<string, unknown>]
> = [
  ['deploy/istio', 'istio', {}],
  ['deploy/istio-sidecar', 'istio', { captureAt: 'sidecar' }],
  ['deploy/envoy-gateway', 'envoy-gateway', {}],
]

describe('the manifests', () => {
  test.each(SHIPPED)('in %s are what the command renders', (folder, controlPlane, mesh) => {
    const files = CONTROL_PLANES[controlPlane](configOf({ mesh: { manifests: mesh } }))
    const here = path.join(packageRoot(), folder)
    expect(fs.readdirSync(here).sort()).toEqual(files.map(({ name }) => name).sort())
    for (const file of files)
      expect(fs.readFileSync(path.join(here, file.name), 'utf8')).toBe(printFile(file))
  })

  test.each(['egress-gateway', 'sidecar', 'both'])(
    'let no proxy retry a call, and remove what it adds: %s',
    (captureAt) => {
      const routes = routesIn(render({ captureAt }).ofKind('VirtualService'))
      expect(routes.length).toBeGreaterThan(0)
      for (const { retries } of routes) expect(retries).toEqual({ attempts: 0 })
      const last = routes.filter(({ route }) =>
        route.every(({ destination }) => !destination.host.endsWith('.local')),
      )
      expect(last.length).toBeGreaterThan(0)
      for (const { headers } of last)
        expect(headers?.request.remove).toEqual(
          expect.arrayContaining([
            HOP_SEAL_HEADER,
            'x-forwarded-client-cert',
            'x-request-id',
            'x-forwarded-for',
          ]),
        )
    },
  )

  // kubectl apply overwrites what has the same kind and name.
  test.each(['egress-gateway', 'sidecar', 'both'])(
    'are called as no object of the apps’ own is: %s',
    (captureAt) => {
      const { manifests } = render({ captureAt, namespaces: ['team-a'] })
      const ofApps = manifests.filter(({ metadata }) => metadata.namespace === 'team-a')
      expect(ofApps.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['Sidecar', 'Telemetry']),
      )
      for (const { metadata } of ofApps) expect(metadata.name).toMatch(/^flint-egress-[a-z-]+$/)
    },
  )

  test('are for the hosts, namespaces and addresses of the settings', () => {
    const { ofKind, files } = render({
      hosts: ['api.openai.com'],
      namespaces: ['team-a', 'team-b'],
      gate: 'audit.example.com:7001',
      namespace: 'audit',
      trustDomain: 'corp.example',
    })
    expect(named(ofKind('ServiceEntry'))).toEqual(['api-openai-com'])
    expect(ofKind('Sidecar').map(({ metadata }) => metadata.namespace)).toEqual([
      'team-a',
      'team-b',
    ])
    const text = files.map(printFile).join('')
    expect(text).toContain('address: audit.example.com')
    expect(text).toContain('spiffe://corp.example/ns/audit/sa/flint-egress')
    expect(text).not.toContain('api.anthropic.com')
  })

  test('are for the hosts of providers of one’s own too, at their ports', () => {
    const { ofKind } = render(
      {},
      { providers: { azure: { upstream: 'https://ours.openai.azure.com:8443' } } },
    )
    expect(ofKind('ServiceEntry')).toContainEqual(
      expect.objectContaining({
        spec: expect.objectContaining({
          hosts: ['ours.openai.azure.com'],
          ports: [expect.objectContaining({ targetPort: 8443 })],
        }),
      }),
    )
  })

  test('on sidecars touch no other traffic of an app', () => {
    const [filter] = render({ captureAt: 'sidecar', hosts: ['api.openai.com'] }).ofKind(
      'EnvoyFilter',
    )
    const spec = filter?.['spec'] as {
      configPatches: Array<{
        applyTo: string
        match: unknown
        patch: { operation: string; value: Record<string, unknown> }
      }>
    }
    const configPatches = spec?.configPatches ?? []
    const inserted = configPatches.filter(({ applyTo }) => applyTo === 'HTTP_FILTER')
    expect(inserted.map(({ patch }) => [patch.value['name'], patch.value['disabled']])).toEqual([
      ['flint.auth', true],
      ['flint.guard', true],
      ['flint.observe', true],
    ])
    const switched = configPatches.filter(({ applyTo }) => applyTo === 'VIRTUAL_HOST')
    expect(switched.map(({ match }) => JSON.stringify(match))).toEqual([
      expect.stringContaining('"api.openai.com:80"'),
    ])
    const [manager] = configPatches.filter(({ applyTo }) => applyTo === 'NETWORK_FILTER')
    expect(Object.keys(manager?.patch.value['typed_config'] as object)).toEqual([
      '@type',
      'access_log',
      'local_reply_config',
    ])
  })

  test('say that a proxy comes next where one does, and nowhere else', () => {
    const saying = (captureAt: string) =>
      render({ captureAt, namespaces: ['team-a'] })
        .ofKind('EnvoyFilter')
        .filter((filter) => JSON.stringify(filter).includes('"x-flint-next"'))
        .map(({ metadata }) => metadata.namespace)
    expect([saying('egress-gateway'), saying('sidecar'), saying('both')]).toEqual([
      [],
      [],
      ['team-a'],
    ])
    const names = render({ captureAt: 'both' }).files.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('hold no path, no host and no name of the machine that rendered them', () => {
    const text = render().files.map(printFile).join('')
    expect(text).not.toContain(directory)
    expect(text).not.toMatch(/\.sock\b|127\.0\.0\.1|\$\{/)
  })
})

describe('settings of the mesh that cannot work', () => {
  test.each([
    [
      { hosts: ['api.example.com'] },
      /mesh\.manifests\.hosts .*api\.example\.com.*api\.openai\.com/,
    ],
    [{ namespaces: ['Team A'] }, /mesh\.manifests\.namespaces/],
    [{ namespaces: [] }, /mesh\.manifests\.namespaces/],
    [{ profile: 'strict' }, /mesh\.manifests\.profile .*available, acked/],
    [{ captureAt: 'waypoint' }, /mesh\.manifests\.captureAt .*egress-gateway, sidecar, both/],
    [{ gate: 'flint' }, /mesh\.manifests\.gate /],
    [{ observer: 'flint:http' }, /mesh\.manifests\.observer /],
    [{ clientCertificates: 'maybe' }, /clientCertificates .*required, optional, none/],
    [{ trustDomain: 'Corp/x' }, /mesh\.manifests\.trustDomain /],
    [{ hots: [] }, /mesh\.manifests\.hots is not a setting/],
  ])('are refused by their name: %j', (mesh, message) => {
    expect(() => render(mesh)).toThrow(message)
  })
})

test('a mesh runs the filters of Flint’s own Envoy, in the same order', () => {
  const { filters, accessLogs } = chainOf(configOf({}))
  expect(filters.map(({ name }) => name)).toEqual(['flint.auth', 'flint.guard', 'flint.observe'])
  expect(filters[0]?.typed_config).toMatchObject({
    failure_mode_allow: false,
    grpc_service: { initial_metadata: [{ key: 'x-flint-mode', value: 'mesh' }] },
    request_attributes: MESH_ATTRIBUTES,
  })
  expect(filters[2]?.typed_config).toMatchObject({
    observability_mode: true,
    failure_mode_allow: true,
  })
  expect(JSON.stringify(accessLogs)).toContain('request.url_path')
  const acked = chainOf(configOf({ mesh: { manifests: { profile: 'acked' } } })).filters
  expect(acked.map(({ name }) => name)).toEqual(['flint.auth', 'flint.guard', 'flint.acked'])
  expect(acked[2]).toMatchObject({ typed_config: { failure_mode_allow: false } })
  expect(acked[2]).not.toHaveProperty('disabled')
})
