import { askSocket } from '../ask-socket.ts'

/**
 * Envoy's admin interface on its Unix socket. Every answer is null where Envoy does not answer
 * within two seconds: it restarts at this moment, hangs, or is gone.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/operations/admin
 */
export interface EnvoyAdmin {
  /** The answer's text. */
  post(path: string): Promise<string | null>
  /** Counters and gauges whose names match the regular expression, by name. */
  stats(filter: string): Promise<ReadonlyMap<string, number> | null>
  /** Clusters with the number of addresses that each knows, by name. */
  addresses(): Promise<ReadonlyMap<string, number> | null>
}

const PATIENCE_MS = 2_000

export function envoyAdmin(socketPath: string): EnvoyAdmin {
  return {
    post: (path) => ask(socketPath, 'POST', path),
    async stats(filter) {
      const text = await ask(socketPath, 'GET', `/stats?filter=${encodeURIComponent(filter)}`)
      if (text === null) return null
      const lines = text.split('\n').map((line) => /^(\S+): (\d+)$/.exec(line))
      return new Map(lines.flatMap((match) => (match?.[1] ? [[match[1], Number(match[2])]] : [])))
    },
    async addresses() {
      const text = await ask(socketPath, 'GET', '/clusters?format=json')
      if (text === null) return null
      const { cluster_statuses = [] } = JSON.parse(text) as Clusters
      return new Map(
        cluster_statuses.map(({ name, host_statuses }) => [name, host_statuses?.length ?? 0]),
      )
    },
  }
}

/** envoy/admin/v3/clusters.proto; empty lists are left out. */
interface Clusters {
  readonly cluster_statuses?: ReadonlyArray<{
    readonly name: string
    readonly host_statuses?: readonly unknown[]
  }>
}

function ask(socketPath: string, method: 'GET' | 'POST', path: string): Promise<string | null> {
  return askSocket(socketPath, path, { method, patienceMs: PATIENCE_MS })
}
