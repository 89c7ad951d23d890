import type { Provider } from '../../evidence/evidence.ts'
import { LONGEST_OPEN_SECONDS } from '../../evidence/outcome.ts'
import { isProviderName } from '../../evidence/provider-name.ts'
import type { StoreClient } from '../client/client.ts'
import { END_ROWS } from '../evidence/end-kinds.ts'
import { time } from './call-filter.ts'

export interface AbandonedCall {
  readonly org: string
  readonly recordId: string
  readonly provider: Provider
}

interface CurrentRun {
  /** `<instance>/gate`: the runs of other installations are not ours to judge. */
  readonly gate: string
  readonly run: string
  readonly startedAtMs: number
}

/**
 * Calls that an earlier start of this installation's Envoy carried and whose end is not known
 * (docs/decisions/023).
 */
export function createCallsOfEndedRuns(client: StoreClient) {
  return async ({ gate, run, startedAtMs }: CurrentRun): Promise<readonly AbandonedCall[]> => {
    const rows = await client.rows({
      tag: 'runs:abandoned',
      sql: `SELECT org, record_id, any(provider) AS provider FROM evidence
        WHERE created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')}
        GROUP BY org, created_at, record_id
        HAVING countIf(kind = 'intent' AND writer = {gate:String} AND error_code IS NULL AND envoy_run != {run:String}) > 0
          AND countIf(kind IN ${END_ROWS} OR kind IN ('run_ended', 'erasure') OR (kind = 'observation' AND \`final\`)) = 0`,
      // Older ones are settled by their age.
      params: {
        from_ms: startedAtMs - LONGEST_OPEN_SECONDS * 1_000,
        to_ms: startedAtMs,
        gate,
        run,
      },
    })
    return rows.flatMap((row) => {
      const { provider } = row
      return isProviderName(provider)
        ? [{ org: String(row['org']), recordId: String(row['record_id']), provider }]
        : []
    })
  }
}
