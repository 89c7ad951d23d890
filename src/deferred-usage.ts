import { randomUUID } from 'node:crypto'
import { createdAtMs, createVersionClock } from './evidence/record-id.ts'
import type { PriceCall } from './pricing/cost.ts'
import { deferredEvidence } from './pricing/deferred.ts'
import type { StoreClient } from './store/client.ts'
import { type EvidenceRow, finishedPolls, ordersOf, type Work } from './store/deferred-usage.ts'
import { insertJsonLines } from './store/insert-evidence.ts'

/* Part of the composition root: stored polls, prices, and the call that ordered the work (docs/decisions/008-deferred-usage.md). */

export interface DeferredUsageOptions {
  readonly store: StoreClient
  readonly price: PriceCall
  /** `<instance>/delivery` */
  readonly witness: string
  readonly nowMs?: () => number
}

/** After a start, polls of a day are looked at again: what was done meanwhile is found done. */
const LOOK_BACK_MS = 24 * 3_600_000
/** An insert gets its time when it begins and is seen when it ends; an order may come a little after its poll. */
const OVERLAP_MS = 120_000
/** So long an order may be on its way before its poll is taken for one without. */
const ORDER_GRACE_MS = 60_000

/** One pass over polls that arrived since the last: resolves with how many pieces of work found their order. */
export function createDeferredUsage({ store, price, witness, nowMs = Date.now }: DeferredUsageOptions): () => Promise<number> {
  const version = createVersionClock()
  let sinceMs = nowMs() - LOOK_BACK_MS

  return async () => {
    const startedAtMs = nowMs()
    const polls = await finishedPolls(store, sinceMs)
    const orders = await ordersOf(store, polls.map(workOf))
    const rows = polls.flatMap((poll) => {
      const own = orders.filter((order) => isSame(workOf(order), workOf(poll)))
      if (own.length === 0 && startedAtMs - createdAtMs(String(poll.record_id)) < ORDER_GRACE_MS) return []
      return deferredEvidence(poll, own, price, { version: version(), witness }) ?? []
    })
    if (rows.length > 0) {
      const body = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
      await insertJsonLines(store, { table: 'evidence', body, token: randomUUID() })
    }
    sinceMs = startedAtMs - OVERLAP_MS
    return rows.length
  }
}

function workOf(row: EvidenceRow): Work {
  return { org: String(row.org), provider: String(row.provider), responseId: String(row.response_id) }
}

function isSame(one: Work, other: Work): boolean {
  return one.org === other.org && one.provider === other.provider && one.responseId === other.responseId
}
