import { once } from 'node:events'
import http from 'node:http'
import type { Server } from 'node:net'

export interface LoopbackServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * An HTTP server on a free port of this machine that takes its time: no request of a test is too
 * slow for it. `close` breaks off what is open.
 */
export async function serveLoopback(listener: http.RequestListener): Promise<LoopbackServer> {
  const server = http.createServer(listener)
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** The TCP port on which a server listens by now. */
export function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
