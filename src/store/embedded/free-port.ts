import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the ports that Linux and others give to outgoing connections (ip_local_port_range, from
 * 32,768 on): one of those can be gone to a connection of anybody before its server has it.
 */
const FIRST = 15_000
const LAST = 32_000
const MOST_TRIES = 100

/** A loopback port that was free a moment ago: for servers that cannot be given an open socket. */
export async function freePort(): Promise<number> {
  for (let n = 0; n < MOST_TRIES; n += 1) {
    const port = randomInt(FIRST, LAST)
    if (await canListen(port)) return port
  }
  throw new Error(`no free port among ${MOST_TRIES} from ${FIRST} to ${LAST}`)
}

/**
 * The wanted port where it can be had, else another: somebody may have taken it while its owner was
 * down.
 */
export async function bindablePort(wanted: number): Promise<number> {
  return (await canListen(wanted)) ? wanted : freePort()
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
