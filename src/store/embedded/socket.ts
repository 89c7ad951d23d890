import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'

/**
 * Stands in the engine's configuration where its process puts what only this start of the engine
 * can answer.
 */
export const PROOF_PLACEHOLDER = '@PROOF@'
/** Answers the proof to anybody: it shows which process listens, and opens nothing. */
export const PROOF_PATH = '/proof'

const ASK_EVERY_MS = 25

export interface EmbeddedSocketOptions {
  /** Only the owner can connect to it. */
  readonly socketPath: string
  /** Loopback port of the engine's HTTP interface. */
  readonly port: number
  readonly proof: string
  /** The socket could not be opened. */
  readonly onFault: (error: Error) => void
}

/**
 * Opens a Unix socket that leads to the engine's port, once the engine that runs in this very
 * process has proven to be who listens there. A loopback port is anybody's who takes it first,
 * while the engine is down: a client of the port itself would give that stranger the password, and
 * believe the stranger's answers about what is stored. The port stays the engine's for as long as
 * this process lives, and the socket is gone with the process.
 */
export function serveWhenProven({ socketPath, port, proof, onFault }: EmbeddedSocketOptions): void {
  fs.rmSync(socketPath, { force: true })
  const ask = () => {
    const again = () => void setTimeout(ask, ASK_EVERY_MS)
    const request = http.get(
      { host: '127.0.0.1', port, path: PROOF_PATH, agent: false, timeout: 1_000 },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text = (text + chunk).slice(0, 2 * proof.length)
        })
        answer.on('end', () => (text.trim() === proof ? open() : again()))
        answer.on('error', again)
      },
    )
    request.on('timeout', () => request.destroy())
    request.on('error', again)
  }
  const open = () => {
    const server = net.createServer({ allowHalfOpen: true }, (client) =>
      join(client, net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })),
    )
    server.on('error', onFault)
    // No moment in which others could connect.
    const before = process.umask(0o177)
    server.listen(socketPath, () => process.umask(before))
  }
  ask()
}

function join(client: net.Socket, engine: net.Socket): void {
  client.pipe(engine)
  engine.pipe(client)
  for (const [one, other] of [
    [client, engine],
    [engine, client],
  ] as const)
    one.on('error', () => other.destroy()).on('close', () => other.destroy())
}
