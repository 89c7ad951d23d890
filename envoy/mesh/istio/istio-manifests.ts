import type { Config } from '../../../src/config/schema.ts'
import type { ManifestFile } from '../manifest.ts'
import { meshHosts } from '../mesh-hosts.ts'
import { accessLogFile } from './access-log.ts'
import { chainOnGatewayFile } from './chain-on-gateway.ts'
import { chainOnSidecarsFile } from './chain-on-sidecars.ts'
import { egressRoutesFile } from './egress-gateway.ts'
import { gatewayDeploymentFile } from './gateway-deployment.ts'
import { noBypassFile } from './no-bypass.ts'
import { providersFile } from './providers.ts'
import { sidecarRoutesFile } from './sidecar-routes.ts'

/** What `npx flint manifests istio` renders: as `mesh.manifests.captureAt` says. */
export function istioManifests(config: Config): readonly ManifestFile[] {
  const hosts = meshHosts(config)
  const providers = providersFile(config, hosts)
  const { captureAt } = config.mesh.manifests
  if (captureAt === 'sidecar')
    return [
      providers,
      sidecarRoutesFile(config, hosts),
      chainOnSidecarsFile(config, hosts, 'provider'),
      accessLogFile(config, hosts),
      noBypassFile(config),
    ]
  return [
    gatewayDeploymentFile(config),
    providers,
    egressRoutesFile(config, hosts),
    ...(captureAt === 'both' ? [chainOnSidecarsFile(config, hosts, 'proxy')] : []),
    chainOnGatewayFile(config),
    accessLogFile(config, hosts),
    noBypassFile(config),
  ]
}
