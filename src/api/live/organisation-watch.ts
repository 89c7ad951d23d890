import type { CallRecord } from '../../store/calls/call-row.ts'
import type { LiveQueries } from '../../store/calls/live-queries.ts'
import { ArrivalsSeen } from './arrivals-seen.ts'

/** What became known of an organisation's records since the batch before. */
export interface LiveBatch {
  /** New, or changed: then in place of what was shown under the same id. Oldest arrival first. */
  readonly records: readonly CallRecord[]
  readonly erased: readonly string[]
  /** Records that came and are not here, because too many came at once. */
  readonly skipped: number
  /** Store's clock, milliseconds: what was written before came in this batch or an earlier one. */
  readonly untilMs: number
}

export interface LiveListener {
  /** All that is written from `untilMs` on will come. */
  joined(untilMs: number): void
  batch(batch: LiveBatch): void
  /** The store does not answer; what comes meanwhile follows when it does. */
  unavailable(): void
}

/** Longer than an insert of delivery may take. */
const REACH_BACK_MS = 30_000
/** The same for one who comes back: what they may have seen already is repeated. */
const RESUME_BACK_MS = 5_000
/** Of one look. */
const MOST_RECORDS = 500
/** Keys that one look reads. */
const MOST_ARRIVALS = 100_000

/** Those who follow one organisation share each look at the store. */
export class OrganisationWatch {
  readonly #queries: LiveQueries
  readonly #org: string
  readonly #listeners = new Set<LiveListener>()
  /** Those whose first look is still to come, and from where they go on; null: from now on. */
  readonly #joining = new Map<LiveListener, number | null>()
  #seen: ArrivalsSeen | null = null

  constructor(queries: LiveQueries, org: string) {
    this.#queries = queries
    this.#org = org
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0
  }

  add(listener: LiveListener, sinceMs: number | null): void {
    this.#listeners.add(listener)
    this.#joining.set(listener, sinceMs)
  }

  remove(listener: LiveListener): void {
    this.#listeners.delete(listener)
    this.#joining.delete(listener)
  }

  unavailable(): void {
    for (const listener of [...this.#listeners]) listener.unavailable()
  }

  async look(): Promise<void> {
    if (this.#seen === null) {
      const started = new ArrivalsSeen(await this.#queries.clock(), REACH_BACK_MS)
      started.add(await this.#arrivals(started))
      this.#seen = started
    } else {
      const batch = await this.#next(this.#seen)
      if (batch !== null) for (const listener of [...this.#listeners]) listener.batch(batch)
    }
    // After the look: what can be seen from now on is in one of the next.
    for (const [listener, sinceMs] of [...this.#joining]) {
      const missed =
        sinceMs === null ? null : await this.#next(new ArrivalsSeen(sinceMs, RESUME_BACK_MS))
      if (!this.#joining.delete(listener)) continue
      if (missed !== null) listener.batch(missed)
      listener.joined(this.#seen.newestMs)
    }
  }

  #arrivals(seen: ArrivalsSeen) {
    return this.#queries.arrivals(this.#org, seen.sinceMs, MOST_ARRIVALS)
  }

  async #next(seen: ArrivalsSeen): Promise<LiveBatch | null> {
    const found = await this.#arrivals(seen)
    const fresh = seen.unseen(found)
    if (fresh.length === 0) return null
    const shown = fresh.slice(-MOST_RECORDS)
    const { records, erased } = await this.#queries.records(this.#org, shown)
    // Only now: what could not be read is read by the next look.
    seen.add(found)
    const order = new Map(shown.map(({ recordId }, n) => [recordId, n]))
    const place = ({ requestId }: CallRecord) => order.get(requestId) ?? 0
    return {
      records: records.toSorted((a, b) => place(a) - place(b)),
      erased,
      skipped: fresh.length - shown.length,
      untilMs: seen.newestMs,
    }
  }
}
