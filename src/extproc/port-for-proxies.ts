import fs from 'node:fs'
import type { Http2SecureServer, Http2Server } from 'node:http2'
import type { SecureContextOptions } from 'node:tls'
import { type AllowedPeers, createPeerOf } from './peers.ts'

/** Where proxies of other machines reach Flint, and by what they and Flint know each other. */
export interface PortForProxies extends AllowedPeers {
  readonly host: string
  readonly port: number
  /** PEM files: Flint's own certificate with its chain, its key, and who signs those of proxies. */
  readonly certFile: string
  readonly keyFile: string
  readonly clientCaFile: string
}

export function secureOptions(port: PortForProxies) {
  return { context: contextOf(port), peerOf: createPeerOf(port) }
}

const LOOK_EVERY_MS = 10_000

/**
 * Certificates of a mesh live for hours: what is in the files holds for new connections, and those
 * of proxies end by themselves (max_requests_per_connection).
 */
export function followFiles(
  port: PortForProxies,
  server: Http2Server | Http2SecureServer,
  onError: (error: unknown) => void,
  everyMs = LOOK_EVERY_MS,
): () => void {
  let known = stampOf(port)
  const timer = setInterval(() => {
    try {
      const stamp = stampOf(port)
      if (stamp === known || !('setSecureContext' in server)) return
      server.setSecureContext(contextOf(port))
      known = stamp
    } catch (error) {
      // Half of a new pair, or none: what was there before stays in force until both are.
      onError(error)
    }
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

function contextOf({ certFile, keyFile, clientCaFile }: PortForProxies): SecureContextOptions {
  return {
    cert: fs.readFileSync(certFile),
    key: fs.readFileSync(keyFile),
    ca: fs.readFileSync(clientCaFile),
  }
}

function stampOf({ certFile, keyFile, clientCaFile }: PortForProxies): string {
  return [certFile, keyFile, clientCaFile]
    .map((file) => {
      const { mtimeMs, ino, size } = fs.statSync(file)
      return `${mtimeMs} ${ino} ${size}`
    })
    .join()
}
