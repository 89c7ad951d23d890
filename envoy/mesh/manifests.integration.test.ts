import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import {
  bootstrapOfPatches,
  bootstrapWith,
  type ConfigPatch,
} from '../../test/support/bootstrap-of-filters.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { complaintOfEnvoy } from '../../test/support/validate-envoy.ts'
import type { Cluster } from '../tree.ts'
import { istioManifests } from './istio/istio-manifests.ts'
import type { Manifest } from './manifest.ts'
import { renderFragment } from './plain-envoy.ts'

const CERTIFICATES = path.resolve(import.meta.dirname, '../../test/support/certificates')

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

function configOf(mesh: Record<string, unknown>) {
  const file = path.join(directory, 'flint.yaml')
  fs.writeFileSync(file, JSON.stringify({ mesh: { manifests: mesh } }))
  return loadConfig({ FLINT_CONFIG: file }, directory).config
}

/** Of every EnvoyFilter that is rendered for these settings. */
function patchesFor(mesh: Record<string, unknown>): ConfigPatch[][] {
  const manifests = istioManifests(configOf(mesh)).flatMap((file) => file.manifests)
  return manifests
    .filter(({ kind }) => kind === 'EnvoyFilter')
    .map(
      (manifest: Manifest) => (manifest['spec'] as { configPatches: ConfigPatch[] }).configPatches,
    )
}

const VARIANTS = (['egress-gateway', 'sidecar', 'both'] as const).flatMap((captureAt) =>
  (['available', 'acked'] as const).map((profile) => ({ captureAt, profile })),
)

describe('what the manifests for Istio give Envoy', () => {
  test.each(VARIANTS)('is accepted by the real one: $captureAt, $profile', async (mesh) => {
    const filters = patchesFor(mesh)
    expect(filters.length).toBe(mesh.captureAt === 'both' ? 2 : 1)
    for (const patches of filters)
      expect(await complaintOfEnvoy(bootstrapOfPatches(patches), directory)).toBe('')
  })

  // istiod drops a field that it does not know, and says nothing.
  test.each([
    ['flint.observe', 'observability_mode', 'observabilty_mode'],
    ['flint.auth', 'message_timeout', 'messagetimeout'],
    ['flint.guard', 'metadata_matcher', 'metadata_match'],
    ['flint_observer', 'max_requests_per_connection', 'max_requests_per_conection'],
    ['local_reply_config', 'body_format_override', 'body_format_overide'],
    ['router', 'suppress_envoy_headers', 'supress_envoy_headers'],
  ])('is refused with a field of %s misspelt: %s', async (_where, right, wrong) => {
    const [patches = []] = patchesFor({})
    const misspelt = JSON.parse(
      JSON.stringify(patches).replace(`"${right}"`, `"${wrong}"`),
    ) as ConfigPatch[]
    expect(misspelt).not.toEqual(patches)
    expect(await complaintOfEnvoy(bootstrapOfPatches(misspelt), directory)).toContain(wrong)
  })
})

test.each(['available', 'acked'])(
  'the fragment for an Envoy of one’s own is accepted by the real one: %s',
  async (profile) => {
    const certificate = path.join(CERTIFICATES, 'loopback.pem')
    const fragment = parse(
      renderFragment(
        configOf({
          profile,
          clientCertFile: certificate,
          clientKeyFile: path.join(CERTIFICATES, 'loopback-key.pem'),
          processorCaFile: certificate,
        }),
      ),
    ) as { http_connection_manager: Record<string, unknown>; clusters: Cluster[] }
    const bootstrap = bootstrapWith(fragment.http_connection_manager, fragment.clusters)
    expect(await complaintOfEnvoy(bootstrap, directory)).toBe('')
  },
)
