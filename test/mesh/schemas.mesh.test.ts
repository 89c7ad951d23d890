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

const FOLDERS = ['deploy/istio', 'deploy/istio-sidecar']

interface Summary {
  readonly summary: {
    readonly valid: number
    readonly invalid: number
    readonly errors: number
  }
  readonly resources: ReadonlyArray<{ readonly msg: string }>
}

describe.skipIf(!isInstalled('kubeconform') || !hasGo())('the schemas of custom resources', () => {
  let schemas: string
  beforeAll(() => {
    schemas = temporaryDirectory()
    const istio = path.join(moduleFolder('istio'), 'manifests/charts/base/files/crd-all.gen.yaml')
    writeSchemas([istio], schemas)
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

  test('do not allow a field that is misspelt', async () => {
    const folder = temporaryDirectory()
    const file = path.join(packageRoot(), 'deploy/istio/providers.yaml')
    const misspelt = fs.readFileSync(file, 'utf8').replace('targetPort', 'targetport')
    fs.writeFileSync(path.join(folder, 'providers.yaml'), misspelt)
    const { summary, resources } = await check(folder)
    expect(summary.invalid).toBe(1)
    expect(JSON.stringify(resources)).toContain('targetport')
  })
})
