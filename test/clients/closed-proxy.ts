import { once } from 'node:events'
import http from 'node:http'
import { portOf } from '../support/loopback-server.ts'

export interface ClosedProxy {
  readonly url: string
  /** Hosts that clients wanted to reach beside Flint, each once. */
  readonly refusedHosts: Set<string>
  close(): void
}

/** A proxy that lets no one out of the machine and keeps where they wanted to go. */
export async function startClosedProxy(): Promise<ClosedProxy> {
  const refusedHosts = new Set<string>()
  const server = http.createServer((request, response) => {
    refusedHosts.add(new URL(request.url ?? '', 'http://no-host').host)
    response.writeHead(403).end()
  })
  server.on('connect', ({ url }, socket) => {
    refusedHosts.add((url ?? '').replace(/:\d+$/, ''))
    socket.on('error', () => socket.destroy())
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    refusedHosts,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
