import { time } from '../calls/call-filter.ts'
import { isoTime } from '../calls/call-row.ts'
import type { StoreClient } from '../client/client.ts'

interface PromptActivity {
  /** When capture was switched on last, ISO 8601; null where it never was. */
  readonly switchedOnAt: string | null
  readonly reads: number
  /** Keys that read. */
  readonly readers: number
}

/** What was done with prompts, as events say. */
export interface PromptActivities {
  /** Of one organisation; reads from `sinceMs` on. */
  activity(org: string, sinceMs: number): Promise<PromptActivity>
}

export function createPromptActivities(client: Pick<StoreClient, 'rows'>): PromptActivities {
  return {
    async activity(org, sinceMs) {
      const isRead = `action IN ('prompt.read', 'attachment.read') AND at >= ${time('since_ms')}`
      const isSwitchedOn = `action = 'settings.changed' AND JSONExtractBool(new, 'promptCapture')`
      const [row] = await client.rows({
        tag: 'prompt-reads',
        sql: `SELECT countIf(${isRead}) AS reads, uniqExactIf(actor, ${isRead}) AS readers,
            maxOrNullIf(at, ${isSwitchedOn}) AS switched_on
          FROM identity_events WHERE subject_kind IN ('record', 'settings') AND org = {org:String}`,
        params: { org, since_ms: sinceMs },
      })
      const switchedOn = row?.switched_on ?? null
      return {
        switchedOnAt: switchedOn === null ? null : isoTime(String(switchedOn)),
        reads: Number(row?.reads ?? 0),
        readers: Number(row?.readers ?? 0),
      }
    },
  }
}
