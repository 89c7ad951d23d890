import http from 'node:http'
import net from 'node:net'
import { askSocket } from '../ask-socket.ts'
import { ConfigError } from '../config/config-error.ts'
import type { DataPaths } from '../config/data-paths.ts'

/** Says before anything is started why Envoy could not listen there. */
export function checkPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is in use'
          : error.code === 'EACCES'
            ? 'needs more rights'
            : `cannot be used (${error.code})`
      reject(
        new ConfigError(
          `${host}:${port} ${why}: set port (FLINT_PORT) or host (FLINT_HOST)`,
          'port',
          { cause: error },
        ),
      )
    })
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

/**
 * Whether callers are answered. Behind TLS Envoy and the API are asked apart, since callers may
 * have to show a certificate, which no one here has.
 */
export async function servesCallers(baseUrl: string, { sockets }: DataPaths): Promise<boolean> {
  if (baseUrl.startsWith('http:')) return isReady(baseUrl)
  const answers = await Promise.all([
    askSocket(sockets.envoyAdmin, '/ready', { patienceMs: 1_000 }),
    askSocket(sockets.api, '/readyz', { patienceMs: 1_000 }),
  ])
  return answers.every((answer) => answer !== null)
}

function isReady(baseUrl: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(`${baseUrl}/readyz`, { agent: false, timeout: 1_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
