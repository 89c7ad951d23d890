import { createServer } from 'node:net'

/** A loopback port that was free a moment ago: for servers that cannot be given an open socket. */
export function freePort(): Promise<number> {
  return listenOnce(0)
}

/**
 * The wanted port where it can be had, else another: somebody may have taken it while its owner was
 * down.
 */
export function bindablePort(wanted: number): Promise<number> {
  return listenOnce(wanted).catch(() => freePort())
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no free port')),
      )
    })
  })
}
