import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Ends connections on which no request ever came when the API stops: Node counts them as busy until
 * a request's time is up, and would keep a stop waiting that long.
 */
export function endUnusedConnections(api: FastifyInstance): void {
  const unused = new Set<Socket>()
  const server: Server = api.server
  server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', ({ socket }) => unused.delete(socket))
  api.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy()
  })
}
