import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/config/package-root.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { hasGo, isInstalled, moduleFolder, toolPath } from './go-tools.ts'
import { schemaLocation, writeSchemas } from './support/crd-schemas.ts'

/** Their schemas come with Kubernetes alone, in none of the modules that are here. */
const OF_KUBERNETES =
  'Namespace,ServiceAccount,Service,Deployment,PodDisruptionBudget,NetworkPolicy,Secret,ConfigMap'

const FOLDERS = ['deploy/istio', 'deploy/istio-sidecar', 'deploy/envoy-gateway']

interface Summary {
  readonly summary: {
    readonly valid: number
    readonly invalid: number
    readonly errors: number
  }
  readonly resources: ReadonlyArray<{ readonly msg: string }>
}

const filesIn = (module: string, folder: string) =>
  fs.readdirSync(path.join(module, folder)).map((name) => path.join(module, folder, name))

describe.skipIf(!isInstalled('kubeconform') || !hasGo())('the schemas of custom resources', () => {
  let schemas: string
  beforeAll(() => {
    schemas = temporaryDirectory()
    const istio = path.join(moduleFolder('istio'), 'manifests/charts/base/files/crd-all.gen.yaml')
    writeSchemas(
      [
        istio,
        ...filesIn(moduleFolder('envoy-gateway'), 'charts/gateway-helm/charts/crds/crds/generated'),
        ...filesIn(moduleFolder('gateway-api'), 'config/crd/standard'),
      ],
      schemas,
    )
  })

  const check = (folder: string) =>
    new Promise<Summary>((resolve) => {
      const args = ['-strict', '-summary', '-output', 'json', '-skip', OF_KUBERNETES]
      const schema = ['-schema-location', schemaLocation(schemas)]
      execFile(toolPath('kubeconform'), [...args, ...schema, folder], (_error, stdout) =>
        resolve(JSON.parse(stdout) as Summary),
      )
    })

  test.each(FOLDERS)('allow every object of %s', async (folder) => {
    const { summary, resources } = await check(path.join(packageRoot(), folder))
    expect(resources.map(({ msg }) => msg)).toEqual([])
    expect(summary).toMatchObject({ invalid: 0, errors: 0 })
    expect(summary.valid).toBeGreaterThan(10)
  })

  test.each([
    ['deploy/istio/providers.yaml', 'targetPort', 'targetport'],
    ['deploy/envoy-gateway/chain.yaml', 'shadowMode', 'shadowmode'],
    ['deploy/envoy-gateway/providers.yaml', 'wellKnownCACertificates', 'wellKnownCaCertificates'],
  ])('do not allow a field that is misspelt: %s, %s', async (shipped, right, wrong) => {
    const folder = temporaryDirectory()
    const text = fs.readFileSync(path.join(packageRoot(), shipped), 'utf8')
    fs.writeFileSync(path.join(folder, path.basename(shipped)), text.replace(right, wrong))
    const { summary, resources } = await check(folder)
    expect(summary.invalid).toBe(1)
    expect(JSON.stringify(resources)).toContain(wrong)
  })
})
