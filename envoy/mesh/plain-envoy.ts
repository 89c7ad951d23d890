import { stringify } from 'yaml'
import type { Config } from '../../src/config/schema.ts'
import { chainOf } from './chain.ts'
import { withCertificateFiles } from './processor-tls.ts'

/**
 * For fleets of Envoys that no control plane configures: what goes into the connection manager of
 * calls to providers, and the clusters that it names (`npx flint envoy config --mesh`).
 */
export function renderFragment(config: Config): string {
  const { filters, router, manager, accessLogs, localReplies, clusters } = chainOf(config)
  const fragment = {
    http_connection_manager: {
      ...manager,
      access_log: accessLogs,
      local_reply_config: localReplies,
      http_filters: [...filters, router],
    },
    clusters: clusters.map((cluster) => withCertificateFiles(config, cluster)),
  }
  return `${ABOUT}${stringify(fragment, { aliasDuplicateObjects: false, lineWidth: 0 })}`
}

const ABOUT = `# Flint's part of an Envoy that is yours, for calls that apps make to providers by their own names.
# http_connection_manager: fields of the connection manager that carries these calls, and no others;
# http_filters stand last, your own before them. clusters: into static_resources. Your routes match
# the provider's host, have \`timeout: 0s\`, no retry_policy, and remove the headers that Envoy adds.
`
