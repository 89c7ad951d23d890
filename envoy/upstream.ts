import net from 'node:net'
import type { Provider } from '../src/evidence/evidence.ts'
import { type BootstrapTree, clusterOf } from './tree.ts'

export interface Upstream {
  readonly secure: boolean
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
  /** What the provider sees as Host: without the scheme's own port. */
  readonly authority: string
}

export function endpointOf(origin: string): Upstream {
  const url = new URL(origin)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    secure,
    host,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    authority: url.host,
  }
}

/**
 * TLS to a provider, checked against its name; an address is checked as one, and is no server name
 * (RFC 6066 §3).
 */
export function useUpstream(
  tree: BootstrapTree,
  provider: Provider,
  { secure, host }: Upstream,
): void {
  const cluster = clusterOf(tree, `provider_${provider}`)
  if (!secure) delete cluster['transport_socket']
  else if (net.isIP(host) !== 0) {
    const { typed_config } = cluster['transport_socket'] as TlsSocket
    delete typed_config.sni
    typed_config.common_tls_context.validation_context.match_typed_subject_alt_names =
      subjectNames(host)
  }
}

/** What a certificate must say of its bearer. */
export function subjectNames(host: string) {
  return [{ san_type: net.isIP(host) === 0 ? 'DNS' : 'IP_ADDRESS', matcher: { exact: host } }]
}

interface TlsSocket {
  readonly typed_config: {
    sni?: string
    readonly common_tls_context: {
      readonly validation_context: { match_typed_subject_alt_names: unknown }
    }
  }
}
