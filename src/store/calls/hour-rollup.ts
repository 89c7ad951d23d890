import type { StoreClient } from '../client/client.ts'
import { time } from './call-filter.ts'
import { HOUR, STEP_COLUMNS, SUM_COLUMNS } from './rollup-columns.ts'

/** An hour of an organisation. */
interface Hour {
  readonly org: string
  /** Its begin. */
  readonly hourMs: number
}

const BATCH_HOURS = 2_000

/**
 * Sums up quarters of `calls_quarter` in `calls_hour`, without who called. To be run when all
 * quarters of these hours that were touched are summed up; it may be repeated, and be run by many
 * at once: a statement that sees fewer quarters than another has the smaller version.
 */
export async function sumUpHours(client: StoreClient, hours: readonly Hour[]): Promise<void> {
  const sorted = hours.toSorted((a, b) => a.hourMs - b.hourMs)
  for (let n = 0; n < sorted.length; n += BATCH_HOURS) {
    const batch = sorted.slice(n, n + BATCH_HOURS)
    await client.run({
      tag: 'rollup:hours',
      sql: SUM_UP,
      params: {
        orgs: [...new Set(batch.map(({ org }) => org))],
        from_ms: batch[0]?.hourMs ?? 0,
        to_ms: (batch.at(-1)?.hourMs ?? 0) + HOUR.lengthMs,
        hours: batch.map(({ org, hourMs }) => `${hourMs / 1_000} ${org}`),
      },
      settings: { do_not_merge_across_partitions_select_final: 1 },
    })
  }
}

const LISTS = STEP_COLUMNS.flatMap(({ steps, calls }) => [steps, calls])
const COLUMNS = [...HOUR.dimensions, ...SUM_COLUMNS, ...LISTS]

/** Values of `COLUMNS`; the sums are of `each_…`, so that no name stands for both. */
const VALUES = [
  ...HOUR.dimensions.map((column) => `each_${column}`),
  ...SUM_COLUMNS.map((column) => `sum(each_${column})`),
  ...STEP_COLUMNS.flatMap(({ steps, calls }) =>
    [1, 2].map((n) => `tupleElement(sumMap(each_${steps}, each_${calls}), ${n})`),
  ),
]

/** An hour whose quarters are empty, or gone, gets an empty row. */
const SUM_UP = `INSERT INTO calls_hour (org, hour, ${COLUMNS.map((column) => `groups.${column}`).join(', ')}, version)
  SELECT org, hour, ${COLUMNS.map((_, n) => `tupleElement(listed, ${n + 1})`).join(', ')}, toUInt64(toUnixTimestamp64Nano(now64(9, 'UTC')))
  FROM (
    SELECT org, hour, groupArrayIf(summed, is_group) AS listed
    FROM (
      SELECT org, hour, each_calls > 0 AS is_group, tuple(${VALUES.join(', ')}) AS summed
      FROM (SELECT org, toStartOfHour(quarter) AS hour, ${COLUMNS.map((column) => `groups.${column}`).join(', ')} FROM calls_quarter FINAL
        WHERE org IN {orgs:Array(String)} AND quarter >= ${time('from_ms')} AND quarter < ${time('to_ms')}
          AND concat(toString(toUnixTimestamp(toStartOfHour(quarter))), ' ', org) IN {hours:Array(String)})
      LEFT ARRAY JOIN ${COLUMNS.map((column) => `groups.${column} AS each_${column}`).join(', ')}
      GROUP BY org, hour, is_group, ${HOUR.dimensions.map((column) => `each_${column}`).join(', ')}
    ) GROUP BY org, hour
  )`
