import type { Config } from '../../../src/config/schema.ts'
import { chainOf } from '../chain.ts'
import type { ManifestFile } from '../manifest.ts'
import { meshHosts } from '../mesh-hosts.ts'
import { chainFile } from './chain.ts'
import { gatewayFile } from './gateway.ts'
import { noBypassFile } from './no-bypass.ts'
import { providersFile } from './providers.ts'
import { trafficFile } from './traffic.ts'

/** What `npx flint manifests envoy-gateway` renders. */
export function envoyGatewayManifests(config: Config): readonly ManifestFile[] {
  const chain = chainOf(config)
  return [
    gatewayFile(config, chain),
    providersFile(config, meshHosts(config)),
    trafficFile(config, chain),
    chainFile(config, chain),
    noBypassFile(config),
  ]
}
