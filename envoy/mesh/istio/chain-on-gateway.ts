import type { Config } from '../../../src/config/schema.ts'
import { chainOf } from '../chain.ts'
import type { ManifestFile } from '../manifest.ts'
import { GATEWAY_LABELS } from './egress-gateway.ts'
import { clusterPatches, envoyFilter, filterPatches, managerPatch, routerPatch } from './patches.ts'

/** Flint's filters, logs and answers on the gateway, which carries nothing but calls. */
export function chainOnGatewayFile(config: Config): ManifestFile {
  const chain = chainOf(config)
  const context = 'GATEWAY'
  const { manager, accessLogs, localReplies } = chain
  return {
    name: 'chain.yaml',
    about:
      'What makes the gateway Flint’s: it asks the gate, forwards nothing without a record, gives the observer a copy, and logs without queries.',
    manifests: [
      envoyFilter(config.mesh.manifests.namespace, GATEWAY_LABELS, [
        ...clusterPatches(config, chain, context),
        ...filterPatches(chain.filters, context),
        managerPatch(
          { ...manager, access_log: accessLogs, local_reply_config: localReplies },
          context,
        ),
        routerPatch(chain, context),
      ]),
    ],
  }
}
