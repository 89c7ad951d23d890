import type { Arrival } from '../../store/calls/live-queries.ts'

/**
 * Rows of an organisation that were looked at: an insert says when it began, and its rows are seen
 * when it ends, so each look reaches back as far as an insert may take and leaves out what it knows.
 */
export class ArrivalsSeen {
  readonly #reachBackMs: number
  readonly #versions = new Map<string, { version: bigint; ingestedAtMs: number }>()
  #newestMs: number

  constructor(sinceMs: number, reachBackMs: number) {
    this.#newestMs = sinceMs
    this.#reachBackMs = reachBackMs
  }

  /** Where the next look begins. */
  get sinceMs(): number {
    return this.#newestMs - this.#reachBackMs
  }

  /** When the latest row was written, of all that were added. */
  get newestMs(): number {
    return this.#newestMs
  }

  /** Of these, the latest of each record that is new or has a greater version. */
  unseen(arrivals: readonly Arrival[]): readonly Arrival[] {
    const latest = new Map<string, Arrival>()
    for (const arrival of arrivals) {
      const before = latest.get(arrival.recordId) ?? this.#versions.get(arrival.recordId)
      if (before === undefined || before.version < arrival.version)
        latest.set(arrival.recordId, arrival)
    }
    return [...latest.values()].sort((a, b) => a.ingestedAtMs - b.ingestedAtMs)
  }

  /** All that a look found: a record is known as long as any of its rows can be found again. */
  add(arrivals: readonly Arrival[]): void {
    for (const { recordId, version, ingestedAtMs } of arrivals) {
      const known = this.#versions.get(recordId)
      this.#versions.set(recordId, {
        version: known === undefined || known.version < version ? version : known.version,
        ingestedAtMs: Math.max(known?.ingestedAtMs ?? 0, ingestedAtMs),
      })
      this.#newestMs = Math.max(this.#newestMs, ingestedAtMs)
    }
    for (const [recordId, { ingestedAtMs }] of this.#versions)
      if (ingestedAtMs < this.sinceMs) this.#versions.delete(recordId)
  }
}
