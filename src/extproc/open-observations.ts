import type { Observation } from './observation.ts'

/** A copy that got a message within this time is not stalled. */
const STALLED_AFTER_MS = 1_000
/**
 * Fewer open copies than this weigh nothing beside the process: to let go of one would free
 * nothing.
 */
const FEW = 256
/** The oldest copies that are looked at for one that is stalled. */
const LOOKED_AT = 64

/** The copies that are open, by record and by organisation, in the order in which they began. */
export class OpenObservations {
  readonly #byRecord = new Map<string, Observation>()
  readonly #byOrg = new Map<string, Map<string, Observation>>()

  get(recordId: string): Observation | undefined {
    return this.#byRecord.get(recordId)
  }

  all(): IterableIterator<Observation> {
    return this.#byRecord.values()
  }

  add(recordId: string, observation: Observation): void {
    this.#byRecord.set(recordId, observation)
    const { org } = observation
    const ofOrg = this.#byOrg.get(org) ?? new Map<string, Observation>()
    this.#byOrg.set(org, ofOrg.set(recordId, observation))
  }

  remove(recordId: string): void {
    const observation = this.#byRecord.get(recordId)
    if (observation === undefined) return
    this.#byRecord.delete(recordId)
    const ofOrg = this.#byOrg.get(observation.org)
    ofOrg?.delete(recordId)
    if (ofOrg?.size === 0) this.#byOrg.delete(observation.org)
  }

  /**
   * Of the organisation with the most open copies, one that is stalled, else the oldest; nothing
   * where it has few.
   */
  nextToGo(nowMs: number): Observation | undefined {
    let most = new Map<string, Observation>()
    for (const ofOrg of this.#byOrg.values()) if (ofOrg.size > most.size) most = ofOrg
    if (most.size < FEW) return undefined
    let looked = 0
    let oldest: Observation | undefined
    for (const observation of most.values()) {
      oldest ??= observation
      if (nowMs - observation.lastActiveMs > STALLED_AFTER_MS) return observation
      if (++looked === LOOKED_AT) break
    }
    return oldest
  }
}
