import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { type Manifest, printFile } from '../manifest.ts'
import { envoyGatewayManifests } from './envoy-gateway-manifests.ts'

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

function render(mesh: Record<string, unknown> = {}, others: Record<string, unknown> = {}) {
  const file = path.join(directory, 'flint.yaml')
  fs.writeFileSync(file, JSON.stringify({ ...others, mesh: { manifests: mesh } }))
  const files = envoyGatewayManifests(loadConfig({ FLINT_CONFIG: file }, directory).config)
  const manifests = files.flatMap((one) => one.manifests)
  const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
  const specOf = (kind: string) => ofKind(kind)[0]?.['spec']
  return { files, ofKind, specOf }
}

const named = (manifests: readonly Manifest[]) => manifests.map(({ metadata }) => metadata.name)

interface Patch {
  readonly operation: { readonly jsonPath: string; readonly path: string; readonly value: unknown }
}

const patchesOf = (mesh: Record<string, unknown> = {}) =>
  (render(mesh).specOf('EnvoyPatchPolicy') as { jsonPatches: Patch[] }).jsonPatches.map(
    ({ operation }) => operation,
  )

describe('the manifests for Envoy Gateway', () => {
  test('ask the gate about each call and forward none without it, and copy to the observer', () => {
    expect(render().specOf('EnvoyExtensionPolicy')).toMatchObject({
      extProc: [
        {
          backendRefs: [{ name: 'flint-gate' }],
          ...{ failOpen: false, statusOnError: 503 },
          metadata: { writableNamespaces: ['flint.audit'] },
        },
        {
          backendRefs: [{ name: 'flint-observer' }],
          ...{ failOpen: true, shadowMode: true },
          processingMode: { request: { body: 'Streamed' }, response: { body: 'Streamed' } },
          metadata: { accessibleNamespaces: ['flint.audit'] },
        },
      ],
    })
  })

  test('let no byte pass unseen where the profile says so', () => {
    const { extProc } = render({ profile: 'acked' }).specOf('EnvoyExtensionPolicy') as {
      extProc: object[]
    }
    expect(extProc[1]).toMatchObject({ failOpen: false, statusOnError: 503 })
    expect(extProc[1]).not.toHaveProperty('shadowMode')
  })

  test('keep the keys of the apps from the observer, and say to the gate what mode this is', () => {
    const patches = patchesOf()
    const rules = patches.filter(({ path: at }) => at === '/forward_rules')
    expect(JSON.stringify(rules.at(-1)?.value)).not.toContain('authorization')
    expect(rules.at(-1)?.value).toHaveProperty('allowed_headers')
    expect(patches).toContainEqual(
      expect.objectContaining({
        path: '/initial_metadata',
        value: [{ key: 'x-flint-mode', value: 'mesh' }],
      }),
    )
  })

  test('find filters neither by their whole name nor by their place', () => {
    const paths = patchesOf().map(({ jsonPath, path: at }) => `${jsonPath} ${at}`)
    for (const one of paths) expect(one).not.toMatch(/envoyextensionpolicy|http_filters\[\d|\/\d/)
  })

  test('limit, retry and redirect no call, and change no path, header or name', () => {
    const { specOf } = render()
    expect(specOf('BackendTrafficPolicy')).toMatchObject({
      timeout: { http: { requestTimeout: '0s' } },
      ...{ retry: { numRetries: 0 }, circuitBreaker: { maxParallelRetries: 0 } },
    })
    // It would make an answer of the provider out of Flint's own.
    expect(specOf('BackendTrafficPolicy')).not.toHaveProperty('responseOverride')
    expect(specOf('ClientTrafficPolicy')).toMatchObject({
      path: { escapedSlashesAction: 'KeepUnchanged', disableMergeSlashes: true },
      headers: { withUnderscoresAction: 'Allow', requestID: 'Preserve', enableEnvoyHeaders: false },
    })
  })

  test('write no query into a log', () => {
    const text = JSON.stringify(render().specOf('EnvoyProxy'))
    expect(text).toContain('request.url_path')
    expect(text).not.toMatch(/REQ\(:PATH|X-ENVOY-ORIGINAL-PATH|request\.path[^_]/)
    expect(text).toContain('"type":"ALS"')
  })

  test('believe certificates of the namespaces of the settings alone', () => {
    const { specOf } = render({ namespaces: ['team-a', 'team-b'], trustDomain: 'corp.example' })
    expect(specOf('ClientTrafficPolicy')).toMatchObject({
      tls: {
        clientValidation: {
          optional: false,
          subjectAltNames: {
            uris: [
              { type: 'Prefix', value: 'spiffe://corp.example/ns/team-a/' },
              { type: 'Prefix', value: 'spiffe://corp.example/ns/team-b/' },
            ],
          },
        },
      },
    })
  })

  test('take calls without a certificate only where the settings say so', () => {
    const optional = render({ clientCertificates: 'optional' })
    expect(optional.specOf('ClientTrafficPolicy')).toMatchObject({
      tls: { clientValidation: { optional: true } },
    })
    // Envoy would ask everyone for a certificate again.
    expect(JSON.stringify(optional.specOf('ClientTrafficPolicy'))).not.toContain('subjectAltNames')
    const none = render({ clientCertificates: 'none' })
    expect(none.specOf('ClientTrafficPolicy')).not.toHaveProperty('tls')
    expect(none.specOf('Gateway')).toMatchObject({ listeners: [{ port: 80, protocol: 'HTTP' }] })
    expect(JSON.stringify(none.specOf('EnvoyPatchPolicy'))).toContain('flint/flint-egress/http"')
  })

  test('check whom they talk to: providers by name, gate and observer by identity', () => {
    const { ofKind } = render({ hosts: ['api.openai.com'], serviceAccount: 'audit' })
    const validations = ofKind('BackendTLSPolicy').map(
      (manifest) => (manifest['spec'] as { validation: unknown }).validation,
    )
    const processor = expect.objectContaining({
      subjectAltNames: [{ type: 'URI', uri: 'spiffe://cluster.local/ns/flint/sa/audit' }],
    })
    expect(validations).toEqual([
      { hostname: 'api.openai.com', wellKnownCACertificates: 'System' },
      processor,
      processor,
    ])
    const [own] = render({ caFile: '/etc/ssl/ours.pem' }).ofKind('BackendTLSPolicy')
    expect(JSON.stringify(own)).toContain('flint-providers-ca')
  })

  test('are for the hosts, namespaces and addresses of the settings', () => {
    const { ofKind, files } = render(
      {
        ...{ namespaces: ['team-a', 'team-b'], gate: 'audit.example.com:7001', namespace: 'audit' },
        hosts: ['api.anthropic.com', 'ours.openai.azure.com'],
      },
      { providers: { azure: { upstream: 'https://ours.openai.azure.com:8443' } } },
    )
    expect(named(ofKind('HTTPRoute'))).toEqual([
      ...['api-anthropic-com', 'ours-openai-azure-com', 'flint-client-certificate'],
    ])
    expect(ofKind('NetworkPolicy').map(({ metadata }) => metadata.namespace)).toEqual([
      'team-a',
      'team-b',
    ])
    const text = files.map(printFile).join('')
    expect(text).toMatch(/hostname: audit\.example\.com\n +port: 7001/)
    expect(text).toMatch(/hostname: ours\.openai\.azure\.com\n +port: 8443/)
    expect(text).not.toMatch(/api\.openai\.com|namespace: flint\n/)
  })

  test('have a route by which the gateway gets its certificate, and no call gets anywhere', () => {
    const { ofKind } = render({ hosts: ['api.openai.com'] })
    const [, , , nowhere] = ofKind('Backend')
    expect(nowhere?.['spec']).toMatchObject({
      endpoints: [{ ip: { address: '192.0.2.1' } }],
      tls: { clientCertificateRef: { name: 'flint-egress-client' } },
    })
    expect(ofKind('HTTPRoute').at(-1)?.['spec']).toMatchObject({
      hostnames: ['flint-client-certificate.invalid'],
    })
  })

  test('reach a gate that has an address and no name', () => {
    const { ofKind } = render({ hosts: ['api.openai.com'], gate: '10.0.0.7:9443' })
    const [, gate] = ofKind('Backend')
    expect(gate?.['spec']).toMatchObject({
      endpoints: [{ ip: { address: '10.0.0.7', port: 9443 } }],
    })
    const [, policy] = ofKind('BackendTLSPolicy')
    expect(policy?.['spec']).toMatchObject({ validation: { hostname: 'flint-gate' } })
  })

  test('hold no secret, and no path or name of the machine that rendered them', () => {
    const { files, ofKind } = render()
    expect(ofKind('Secret')).toEqual([])
    const text = files.map(printFile).join('')
    expect(text).not.toContain(directory)
    expect(text).not.toMatch(/\.sock\b|127\.0\.0\.1|\$\{|BEGIN /)
  })
})
