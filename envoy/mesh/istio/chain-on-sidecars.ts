import type { Config } from '../../../src/config/schema.ts'
import type { HttpFilter } from '../../tree.ts'
import { chainOf, type NextHop } from '../chain.ts'
import type { ManifestFile } from '../manifest.ts'
import type { MeshHost } from '../mesh-hosts.ts'
import { clusterPatches, envoyFilter, filterPatches, managerPatch, type Patch } from './patches.ts'
import { HTTP_PORT } from './providers.ts'

const CONTEXT = 'SIDECAR_OUTBOUND'
const EXTENSIONS = 'type.googleapis.com/envoy.extensions'
/** The proxy's other traffic is in no log of Flint's: only calls with a record id are. */
const CALLS = {
  metadata_filter: {
    matcher: {
      filter: 'flint.audit',
      path: [{ key: 'record_id' }],
      value: { present_match: true },
    },
    match_if_key_not_found: false,
  },
}

/**
 * The same filters on the sidecars of each namespace, off but for calls to providers: all other
 * traffic of an app passes as before.
 */
export function chainOnSidecarsFile(
  config: Config,
  hosts: readonly MeshHost[],
  next: NextHop,
): ManifestFile {
  const chain = chainOf(config, next)
  const patches = [
    ...clusterPatches(config, chain, CONTEXT),
    ...filterPatches(
      chain.filters.map((filter) => ({ ...filter, disabled: true })),
      CONTEXT,
    ),
    managerPatch(
      {
        access_log: chain.accessLogs.map((log) => ({ ...log, filter: CALLS })),
        local_reply_config: chain.localRepliesOfCalls,
      },
      CONTEXT,
    ),
    ...hosts.map((host) => switchedOn(host, chain.filters)),
  ]
  return {
    name: next === 'proxy' ? 'chain-on-sidecars.yaml' : 'chain.yaml',
    about:
      'Flint’s filters on the sidecars of each namespace; off, and on for the hosts of providers.',
    manifests: config.mesh.manifests.namespaces.map((namespace) =>
      envoyFilter(namespace, null, patches),
    ),
  }
}

function switchedOn({ host }: MeshHost, filters: readonly HttpFilter[]): Patch {
  return {
    applyTo: 'VIRTUAL_HOST',
    match: {
      context: CONTEXT,
      routeConfiguration: { vhost: { name: `${host}:${HTTP_PORT}` } },
    },
    patch: {
      operation: 'MERGE',
      value: {
        typed_per_filter_config: Object.fromEntries(
          filters.map((filter) => [filter.name, perRoute(filter)]),
        ),
      },
    },
  }
}

/** A configuration for a route is what switches a filter on there. */
function perRoute({ typed_config }: HttpFilter): unknown {
  if (typed_config['rules'] === undefined)
    return {
      '@type': `${EXTENSIONS}.filters.http.ext_proc.v3.ExtProcPerRoute`,
      overrides: {},
    }
  const { '@type': _type, ...rbac } = typed_config
  return { '@type': `${EXTENSIONS}.filters.http.rbac.v3.RBACPerRoute`, rbac }
}
