import { once } from 'node:events'
import http from 'node:http'

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
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
