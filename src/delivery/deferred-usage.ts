import { randomUUID } from 'node:crypto'
import { createdAtMs, createVersionClock } from '../evidence/record-id.ts'
import type { PriceCall } from '../pricing/cost.ts'
import { deferredEvidence, supersededEvidence } from '../pricing/deferred.ts'
import { addEvidence } from '../store/calls/add-evidence.ts'
import type { StoreClient } from '../store/client/client.ts'
import {
  countedOfNewOrders,
  type EvidenceRow,
  finishedPolls,
  ordersOf,
  readResultFiles,
  type Work,
} from '../store/evidence/deferred-usage.ts'

export interface DeferredUsageOptions {
  readonly store: StoreClient
  readonly price: PriceCall
  /** `<instance>/delivery` */
  readonly writer: string
  readonly nowMs?: () => number
}

/** After a start, polls of a day are looked at again: what was done meanwhile is found done. */
const LOOK_BACK_MS = 24 * 3_600_000
/**
 * For so long after a batch named its result file that file may be read: providers keep it a month.
 */
const RESULT_FILE_MS = 31 * 24 * 3_600_000
/**
 * An insert gets its time when it begins and is seen when it ends; an order may come a little after
 * its poll.
 */
const OVERLAP_MS = 120_000
/** So long an order may be on its way before its poll is taken for one without. */
const ORDER_GRACE_MS = 60_000

/**
 * Usage that a poll reported later is billed to the call that ordered the work
 * (docs/decisions/008-deferred-usage.md). One pass over what arrived since the last: resolves with
 * how many rows of evidence it wrote.
 */
export function createDeferredUsage({
  store,
  price,
  writer,
  nowMs = Date.now,
}: DeferredUsageOptions): () => Promise<number> {
  const version = createVersionClock()
  const stamp = () => ({ version: version(), writer })
  let sinceMs = nowMs() - LOOK_BACK_MS

  return async () => {
    const startedAtMs = nowMs()
    const finished = await finishedPolls(store, sinceMs)
    const files = await readResultFiles(store, {
      newSinceMs: sinceMs,
      batchesSinceMs: startedAtMs - RESULT_FILE_MS,
    })
    // What a batch says of itself goes before the sum of its file.
    const polls = [
      ...finished,
      ...files.filter((file) => !finished.some((poll) => isSame(poll, file))),
    ]
    const counted = await countedOfNewOrders(store, sinceMs)
    const orders = await ordersOf(store, [...polls, ...counted].map(workOf))
    const ordersFor = (row: EvidenceRow) => orders.filter((order) => isSame(order, row))

    const found = polls.flatMap((poll) => {
      const own = ordersFor(poll)
      if (own.length === 0 && startedAtMs - createdAtMs(String(poll.record_id)) < ORDER_GRACE_MS)
        return []
      const counts = deferredEvidence(poll, own, price, stamp())
      return counts === null ? [] : [counts]
    })
    const merged = counted.flatMap((derived) => {
      const own = ordersFor(derived)
      if (own.length === 0 || own.some(({ record_id }) => record_id === derived.record_id))
        return []
      const superseded = supersededEvidence(derived, own, stamp())
      if (superseded === null) return []
      const counts = deferredEvidence(
        { ...derived, record_id: derived.parent_id },
        own,
        price,
        stamp(),
      )
      return counts === null ? [superseded] : [superseded, counts]
    })
    const rows = [...found, ...merged]
    await addEvidence(store, rows, randomUUID())
    sinceMs = startedAtMs - OVERLAP_MS
    return rows.length
  }
}

function workOf(row: EvidenceRow): Work {
  return {
    org: String(row.org),
    provider: String(row.provider),
    responseId: String(row.response_id),
  }
}

function isSame(one: EvidenceRow, other: EvidenceRow): boolean {
  return (
    one.org === other.org &&
    one.provider === other.provider &&
    one.response_id === other.response_id
  )
}
