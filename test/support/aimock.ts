import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, type Fixture } from '@copilotkit/aimock'

/** What a provider was asked: a request, or the opening of a websocket. */
interface Arrival {
  readonly url: string
  /** As on the wire: the journal of aimock hides credentials. */
  readonly rawHeaders: readonly string[]
}

export interface Aimock {
  readonly url: string
  readonly arrivals: Arrival[]
  /** What aimock understood of each request or turn, in its order. */
  understood(): unknown[]
  /** Forgets both. */
  forget(): void
  close(): Promise<void>
}

/**
 * A provider written by others: it holds the SDKs of all three to what their APIs say, websockets
 * and interactions included.
 */
export async function startAimock(fixtures: readonly Fixture[]): Promise<Aimock> {
  const { server, url, journal } = await createServer([...fixtures], { port: 0, host: '127.0.0.1' })
  const arrivals: Arrival[] = []
  const arrived = (request: IncomingMessage) => {
    // The GenAI SDK opens a socket at `//ws/…` where its base URL has no path, as Google's own:
    // aimock takes `//ws` for a host.
    request.url = request.url?.replace(/^\/\/ws\//, '/ws/') ?? ''
    arrivals.push({ url: request.url, rawHeaders: request.rawHeaders })
  }
  server.prependListener('request', arrived)
  server.prependListener('upgrade', arrived)
  return {
    url,
    arrivals,
    understood: () => journal.getAll().map(({ method, path, body }) => ({ method, path, body })),
    forget() {
      arrivals.length = 0
      journal.clearEntries()
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const ID = /\b(?:aimock-int|chatcmpl|event|evt|item|msg|req|resp|sess)[-_][\w-]+/g
const TIME = /"(created|created_at|expires_at)":\d+/g

/**
 * The same with ids in the order of their appearance, and without times: what two answers to one
 * question have in common.
 */
export function renumbered(value: unknown): unknown {
  const ids = new Map<string, string>()
  const json = JSON.stringify(value)
    .replace(TIME, '"$1":0')
    .replace(ID, (id) => {
      const number = ids.get(id) ?? `id-${ids.size + 1}`
      ids.set(id, number)
      return number
    })
  return JSON.parse(json)
}
