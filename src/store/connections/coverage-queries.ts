import { DAY_MS } from '../../evidence/day.ts'
import type { Outcome } from '../../evidence/outcome.ts'
import { BOUNDED_READ } from '../calls/bounded-read.ts'
import { time } from '../calls/call-filter.ts'
import type { SummaryQueries } from '../calls/summary-queries.ts'
import type { StoreClient } from '../client/client.ts'

export const COVERAGE_GROUPS = ['namespace', 'workload'] as const
export type CoverageGroup = (typeof COVERAGE_GROUPS)[number]

interface CoverageQuery {
  readonly org: string
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  readonly groupBy: CoverageGroup
  /** Groups at most. */
  readonly limit: number
}

/** What is known of the calls of a namespace or workload of a mesh, and of what could not be read. */
export interface GroupCoverage {
  /** Null: of those whose namespace or workload is not known. */
  readonly name: string | null
  /** Calls that were let through and wholly observed. */
  readonly captured: number
  /** Calls that were let through and of which something is missing. */
  readonly lost: number
  /** Connections to hosts that the mesh captures, which the apps encrypted themselves. */
  readonly opaque: number
  /** Connections to hosts of known providers that no policy of the mesh is about. */
  readonly uncovered: number
  readonly opaqueBytes: number
  readonly uncoveredBytes: number
  readonly firstSeenMs: number
  readonly lastSeenMs: number
}

/** A host of a known provider that no policy of the mesh is about. */
interface UncoveredHost {
  readonly host: string
  readonly provider: string
  readonly connections: number
  readonly bytes: number
  readonly workloads: number
  readonly firstSeenMs: number
  readonly lastSeenMs: number
}

interface Coverage {
  /** The one with most of what was not seen first. */
  readonly groups: readonly GroupCoverage[]
  /** There are more groups than `limit`. */
  readonly isCut: boolean
  readonly hosts: readonly UncoveredHost[]
}

export interface CoverageQueries {
  /** Rejects with ClickHouse's TIMEOUT_EXCEEDED after five seconds. */
  coverage(query: CoverageQuery): Promise<Coverage>
}

/** Of what was let through: neither refused by Flint nor missing anything. */
const CAPTURED: readonly Outcome[] = [
  ...(['complete', 'client_aborted', 'upstream_reset', 'upstream_timeout'] as const),
  'upstream_error',
]
const LOST: readonly Outcome[] = ['capture_lost', 'unknown']
const MAX_HOSTS = 100

interface Options {
  readonly client: StoreClient
  readonly summaries: SummaryQueries
  readonly retentionDaysOf: (org: string) => number
  readonly nowMs?: () => number
}

export function createCoverageQueries({
  client,
  summaries,
  retentionDaysOf,
  nowMs = Date.now,
}: Options): CoverageQueries {
  return {
    async coverage({ org, fromMs, toMs, groupBy, limit }) {
      const keptSinceMs = nowMs() - retentionDaysOf(org) * DAY_MS
      const begin = Math.max(fromMs, Math.ceil(keptSinceMs), 0)
      const params = { org, from_ms: begin, to_ms: Math.max(toMs, begin) }
      const ask = (sql: string) =>
        client.rows({ tag: 'coverage', sql, params, settings: BOUNDED_READ })
      const within = (column: string) =>
        `org = {org:String} AND ${column} >= ${time('from_ms')} AND ${column} < ${time('to_ms')}`
      const [summary, seen, connections, hosts] = await Promise.all([
        summaries.summary({
          ...{ org, fromMs, toMs, groupBy: [groupBy], bucketsMs: [fromMs] },
          ...{ filter: { source: 'mesh' }, measures: [], before: null, limit },
        }),
        ask(`SELECT ${groupBy} AS name, ${firstAndLast('created_at')} FROM calls_settled
          WHERE ${within('created_at')} AND source = 'mesh' GROUP BY name`),
        ask(`SELECT ${groupBy} AS name, policy, count() AS connections,
            sum(bytes_sent + bytes_received) AS bytes, ${firstAndLast('opened_at')}
          FROM connections FINAL WHERE ${within('opened_at')} GROUP BY name, policy`),
        ask(`SELECT host, any(provider) AS of_provider, count() AS connections,
            sum(bytes_sent + bytes_received) AS bytes, uniqExact(workload) AS workloads, ${firstAndLast('opened_at')}
          FROM connections FINAL WHERE ${within('opened_at')} AND policy = 'uncovered'
          GROUP BY host ORDER BY connections DESC, host LIMIT ${MAX_HOSTS}`),
      ])
      const groups = new Map<string | null, GroupCoverage>()
      const add = (name: string | null, more: Partial<GroupCoverage>) =>
        groups.set(name, addUp(groups.get(name) ?? nothingOf(name), more))
      for (const { key, totals } of summary.groups) {
        const sum = (outcomes: readonly Outcome[]) =>
          outcomes.reduce((all, outcome) => all + totals.outcomes[outcome], 0)
        add(nameOf(key[groupBy]), { captured: sum(CAPTURED), lost: sum(LOST) })
      }
      for (const row of connections) {
        const [count, bytes] = [Number(row.connections), Number(row.bytes)]
        add(nameOf(row.name), {
          ...(row.policy === 'opaque'
            ? { opaque: count, opaqueBytes: bytes }
            : { uncovered: count, uncoveredBytes: bytes }),
          ...seenIn(row),
        })
      }
      // Of a group that is not named only when it was seen is known: it is left out.
      for (const row of seen) if (groups.has(nameOf(row.name))) add(nameOf(row.name), seenIn(row))
      const sorted = [...groups.values()].sort(
        (one, other) => unseen(other) - unseen(one) || other.captured - one.captured,
      )
      return {
        groups: sorted.slice(0, limit),
        isCut: sorted.length > limit || summary.other !== null,
        hosts: hosts.map((row) => ({
          ...{ host: String(row.host), provider: String(row.of_provider) },
          ...{ connections: Number(row.connections), bytes: Number(row.bytes) },
          workloads: Number(row.workloads),
          ...seenIn(row),
        })),
      }
    },
  }
}

/**
 * Of all that is known to have gone to providers the share that was captured, 0 to 1, rounded down.
 * A connection counts as one call, because how many it carried is not known. Null where nothing was
 * seen.
 */
export function shareOf(group: Pick<GroupCoverage, 'captured' | 'lost' | 'opaque' | 'uncovered'>) {
  const all = group.captured + unseen(group)
  return all === 0 ? null : Math.floor((group.captured / all) * 1_000_000) / 1_000_000
}

function unseen({ lost, opaque, uncovered }: Pick<GroupCoverage, 'lost' | 'opaque' | 'uncovered'>) {
  return lost + opaque + uncovered
}

const firstAndLast = (column: string) =>
  `toUnixTimestamp64Milli(min(${column})) AS first_ms, toUnixTimestamp64Milli(max(${column})) AS last_ms`

function seenIn({ first_ms, last_ms }: Readonly<Record<string, unknown>>) {
  return { firstSeenMs: Number(first_ms), lastSeenMs: Number(last_ms) }
}

/** A name that is not known stands as null in records, and as '' in their sums. */
function nameOf(value: unknown): string | null {
  return value === null || value === undefined || value === '' ? null : String(value)
}

function nothingOf(name: string | null): GroupCoverage {
  return {
    ...{ name, captured: 0, lost: 0, opaque: 0, uncovered: 0, opaqueBytes: 0, uncoveredBytes: 0 },
    ...{ firstSeenMs: Number.POSITIVE_INFINITY, lastSeenMs: Number.NEGATIVE_INFINITY },
  }
}

function addUp(group: GroupCoverage, more: Partial<GroupCoverage>): GroupCoverage {
  return {
    ...group,
    ...more,
    firstSeenMs: Math.min(group.firstSeenMs, more.firstSeenMs ?? group.firstSeenMs),
    lastSeenMs: Math.max(group.lastSeenMs, more.lastSeenMs ?? group.lastSeenMs),
  }
}
