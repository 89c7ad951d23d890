import type { Config } from '../../../src/config/schema.ts'
import { insideTheCluster } from '../inside-the-cluster.ts'
import type { ManifestFile } from '../manifest.ts'

/** What keeps calls from going another way than the one that is captured. */
export function noBypassFile({ mesh: { manifests: mesh } }: Config): ManifestFile {
  return {
    name: 'no-bypass.yaml',
    about:
      'No way around the gateway: the network lets no pod of these namespaces out of the cluster.',
    manifests: mesh.namespaces.map(insideTheCluster),
  }
}
