import net from 'node:net'
import path from 'node:path'
import { ConfigError } from './config-error.ts'
import { variableName } from './environment.ts'
import type { Config } from './schema.ts'

/** Files by which callers and Flint know each other, PEM, absolute. */
export interface PublicTls {
  readonly certFile: string
  readonly keyFile: string
  /** Who signs the certificates of callers; null where they need none. */
  readonly clientCaFile: string | null
}

type Listener = Pick<Config, 'host' | 'port' | 'tls' | 'behindTls'>

/**
 * TLS of the address that callers reach; null for plain HTTP, which there is on loopback alone, or
 * where the operator says that TLS ends in front: callers send their provider keys.
 */
export function publicTls({ host, tls, behindTls }: Omit<Listener, 'port'>): PublicTls | null {
  // Envoy listens on addresses, not on names.
  if (net.isIP(host) === 0)
    throw new ConfigError(`host (FLINT_HOST) must be an IP address, not ${host}`, 'host')
  const { certFile, keyFile, clientCaFile } = tls
  if (certFile === undefined && keyFile === undefined && clientCaFile === undefined) {
    if (!isLoopback(host) && !behindTls)
      throw new ConfigError(
        `host (FLINT_HOST) is ${host}, which is not loopback, and callers send their provider keys: set ${named('certFile')} and ${named('keyFile')}, or behindTls: true (FLINT_BEHIND_TLS) where TLS ends in front of Flint`,
        'behindTls',
      )
    return null
  }
  return {
    certFile: path.resolve(certFile ?? missing('certFile')),
    keyFile: path.resolve(keyFile ?? missing('keyFile')),
    clientCaFile: clientCaFile === undefined ? null : path.resolve(clientCaFile),
  }
}

/** What callers put before their paths, on this machine. */
export function publicOrigin({ host, port, tls }: Omit<Listener, 'behindTls'>): string {
  const scheme = tls.certFile === undefined ? 'http' : 'https'
  return `${scheme}://${net.isIPv6(host) ? `[${host}]` : host}:${port}`
}

function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}

function missing(name: 'certFile' | 'keyFile'): never {
  throw new ConfigError(
    `${named(name)} is missing: TLS needs certificate and key, tls.certFile and tls.keyFile`,
    `tls.${name}`,
  )
}

function named(name: keyof Config['tls']): string {
  return `tls.${name} (${variableName(['tls', name])})`
}
