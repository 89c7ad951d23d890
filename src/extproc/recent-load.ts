const WINDOW_MS = 1_000

/**
 * Which organisations the copied bytes of the last second or two came from: while the observer is
 * late, the calls of those who made it late are let go of, and no one else's.
 */
export class RecentLoad {
  readonly #nowMs: () => number
  #current = new Map<string, number>()
  #previous = new Map<string, number>()
  #startedAtMs: number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#startedAtMs = nowMs()
  }

  add(org: string, bytes: number): void {
    this.#turn()
    this.#current.set(org, (this.#current.get(org) ?? 0) + bytes)
  }

  /** Of all organisations together. */
  get bytes(): number {
    this.#turn()
    let bytes = 0
    for (const recent of [this.#current, this.#previous])
      for (const ofOrg of recent.values()) bytes += ofOrg
    return bytes
  }

  /** True where no other organisation sent twice as much. */
  isHeavy(org: string): boolean {
    this.#turn()
    const bytes = this.#of(org)
    for (const other of new Set([...this.#current.keys(), ...this.#previous.keys()]))
      if (this.#of(other) > bytes * 2) return false
    return true
  }

  #of(org: string): number {
    return (this.#current.get(org) ?? 0) + (this.#previous.get(org) ?? 0)
  }

  #turn(): void {
    const elapsedMs = this.#nowMs() - this.#startedAtMs
    if (elapsedMs < WINDOW_MS) return
    this.#previous = elapsedMs < 2 * WINDOW_MS ? this.#current : new Map()
    this.#current = new Map()
    this.#startedAtMs = this.#nowMs()
  }
}
