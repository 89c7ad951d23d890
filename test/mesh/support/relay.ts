import { once } from 'node:events'
import net from 'node:net'
import { portOf } from '../../support/loopback-server.ts'

/** A way to a port that can go away and come back, while what is behind it goes on. */
export interface Relay {
  readonly endpoint: string
  /** Open connections break, and new ones are refused. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

export async function startRelay(toPort: number): Promise<Relay> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    const inner = net.connect(toPort, '127.0.0.1')
    for (const end of [socket, inner]) {
      sockets.add(end)
      // What one end breaks off, the other must not wait for.
      end.on('error', () => {})
      end.once('close', () => {
        sockets.delete(end)
        socket.destroy()
        inner.destroy()
      })
    }
    socket.pipe(inner).pipe(socket)
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const port = portOf(server)
  return {
    endpoint: `127.0.0.1:${port}`,
    async goAway() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    comeBack: () => listen(port),
  }
}
