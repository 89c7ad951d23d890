import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import {
  bootstrapOfJsonPatches,
  type JsonPatch,
} from '../../../test/support/bootstrap-of-json-patches.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { complaintOfEnvoy } from '../../../test/support/validate-envoy.ts'
import { envoyGatewayManifests } from './envoy-gateway-manifests.ts'

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

function render(mesh: Record<string, unknown>) {
  const file = path.join(directory, 'flint.yaml')
  fs.writeFileSync(file, JSON.stringify({ mesh: { manifests: mesh } }))
  const { config } = loadConfig({ FLINT_CONFIG: file }, directory)
  const manifests = envoyGatewayManifests(config).flatMap((one) => one.manifests)
  const ofKind = (kind: string) => {
    const found = manifests.find((manifest) => manifest.kind === kind)
    if (found === undefined) throw new Error(`no ${kind} is rendered`)
    return found
  }
  const { jsonPatches } = ofKind('EnvoyPatchPolicy')['spec'] as { jsonPatches: JsonPatch[] }
  return { jsonPatches, envoyProxy: ofKind('EnvoyProxy') }
}

describe('what the manifests for Envoy Gateway give Envoy', () => {
  test.each(['available', 'acked'])('is accepted by the real one: %s', async (profile) => {
    const { jsonPatches, envoyProxy } = render({ profile })
    expect(jsonPatches.length).toBeGreaterThan(20)
    const bootstrap = bootstrapOfJsonPatches(jsonPatches, envoyProxy)
    expect(await complaintOfEnvoy(bootstrap, directory)).toBe('')
  })

  test.each([
    ['the gate’s filter', 'initial_metadata', 'initial_meta'],
    ['the observer’s filter', 'deferred_close_timeout', 'defered_close_timeout'],
    ['the guard', 'metadata_matcher', 'metadata_match'],
    ['the answers', 'body_format_override', 'body_format_overide'],
    ['the access log service', 'buffer_flush_interval', 'buffer_flush_intervall'],
  ])('is refused with a field of %s misspelt: %s', async (_where, right, wrong) => {
    const { jsonPatches, envoyProxy } = render({})
    const text = JSON.stringify(jsonPatches)
    const misspelt = text.replace(`/${right}"`, `/${wrong}"`).replace(`"${right}"`, `"${wrong}"`)
    expect(misspelt).not.toBe(text)
    const bootstrap = bootstrapOfJsonPatches(JSON.parse(misspelt) as JsonPatch[], envoyProxy)
    expect(await complaintOfEnvoy(bootstrap, directory)).toContain(wrong)
  })
})
