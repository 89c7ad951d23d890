import fs from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import type { PublicTls } from '../src/config/public-listener.ts'
import { replaceFile } from '../src/replace-file.ts'
import { type BootstrapTree, listenerOf } from './tree.ts'

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3'
const CERTIFICATE = 'flint_public'
const CALLERS = 'flint_callers'

/**
 * TLS on the listener that callers reach. Certificates come by files of secrets (SDS), because only
 * those are read again while Envoy runs.
 *
 * @param directory of these files: see writePublicSecrets
 */
export function usePublicTls(tree: BootstrapTree, tls: PublicTls, directory: string): void {
  const source = (name: string) => ({
    name,
    sds_config: {
      resource_api_version: 'V3',
      path_config_source: { path: fileOf(directory, name) },
    },
  })
  for (const chain of listenerOf(tree, 'flint').filter_chains) {
    // Who connects and says nothing holds a connection no longer than this.
    chain.transport_socket_connect_timeout = '10s'
    chain.transport_socket = {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': `${TLS}.DownstreamTlsContext`,
        ...(tls.clientCaFile === null ? {} : { require_client_certificate: true }),
        common_tls_context: {
          alpn_protocols: ['h2', 'http/1.1'],
          tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
          tls_certificate_sds_secret_configs: [source(CERTIFICATE)],
          ...(tls.clientCaFile === null
            ? {}
            : { validation_context_sds_secret_config: source(CALLERS) }),
        },
      },
    }
  }
}

/**
 * Writes the files of secrets that the bootstrap names; they hold paths, no key. Envoy reads what
 * they name again when anything is moved into `watched`.
 *
 * @param watched the folder of each file, unless one is given
 */
export function writePublicSecrets(
  { certFile, keyFile, clientCaFile }: PublicTls,
  directory: string,
  watched?: string,
): void {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const write = (name: string, secret: object) => {
    const resource = { '@type': `${TLS}.Secret`, name, ...secret }
    replaceFile(fileOf(directory, name), stringify({ resources: [resource] }))
  }
  const watching = (file: string) => ({
    watched_directory: { path: watched ?? path.dirname(file) },
  })
  write(CERTIFICATE, {
    tls_certificate: {
      certificate_chain: { filename: certFile },
      private_key: { filename: keyFile },
      ...watching(certFile),
    },
  })
  if (clientCaFile !== null)
    write(CALLERS, {
      validation_context: { trusted_ca: { filename: clientCaFile }, ...watching(clientCaFile) },
    })
}

function fileOf(directory: string, name: string): string {
  return path.join(directory, `${name}.yaml`)
}
