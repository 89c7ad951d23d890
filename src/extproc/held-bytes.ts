/** One call that holds memory: its text, what is attached to it, what waits for a decoder. */
export interface Holder {
  readonly org: string
  /** Monotonic milliseconds of the last message that came for it. */
  readonly lastActiveMs: number
  /** Lets go of what it can spare most easily; resolves to the bytes it still holds. */
  letGo(): number
}

export interface HeldBytesOptions {
  /** Of all organisations together. */
  readonly maxBytes: number
  readonly maxBytesPerOrg: number
  /** A call without a message for so long is let go of before larger ones. */
  readonly stalledAfterMs?: number
  readonly nowMs?: () => number
}

interface HeldByOrg {
  bytes: number
  readonly holders: Set<Holder>
}

/**
 * What the calls of each organisation hold together. Over a bound the organisation that is over it,
 * or that holds most, gives way: its longest-stalled calls first, then its largest. No other
 * organisation's call is touched.
 */
export class HeldBytes {
  readonly #maxBytes: number
  readonly #maxBytesPerOrg: number
  readonly #stalledAfterMs: number
  readonly #nowMs: () => number
  readonly #holders = new Map<Holder, number>()
  readonly #orgs = new Map<string, HeldByOrg>()
  #bytes = 0

  constructor(options: HeldBytesOptions) {
    this.#maxBytes = options.maxBytes
    this.#maxBytesPerOrg = options.maxBytesPerOrg
    this.#stalledAfterMs = options.stalledAfterMs ?? 10_000
    this.#nowMs = options.nowMs ?? performance.now.bind(performance)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Calls that hold something. */
  get count(): number {
    return this.#holders.size
  }

  /** A call holds so many bytes now. */
  hold(holder: Holder, bytes: number): void {
    this.#set(holder, bytes)
    if (this.#bytes > this.#maxBytes || this.#orgOf(holder.org).bytes > this.#maxBytesPerOrg)
      this.#relieve(holder.org)
  }

  release(holder: Holder): void {
    if (!this.#holders.has(holder)) return
    this.#set(holder, 0)
    this.#holders.delete(holder)
    const org = this.#orgs.get(holder.org)
    org?.holders.delete(holder)
    if (org?.holders.size === 0) this.#orgs.delete(holder.org)
  }

  /**
   * The organisation that holds most gives way, where that is worth it: a call or its text goes.
   */
  giveWay(minBytes: number): void {
    const heaviest = this.#heaviest()
    if ((this.#orgs.get(heaviest)?.bytes ?? 0) >= minBytes) this.#giveWay(heaviest)
  }

  #relieve(growing: string): void {
    while (this.#orgOf(growing).bytes > this.#maxBytesPerOrg) if (!this.#giveWay(growing)) break
    while (this.#bytes > this.#maxBytes) if (!this.#giveWay(this.#heaviest())) break
  }

  /** False where nothing of the organisation can be let go of any more. */
  #giveWay(org: string): boolean {
    const before = this.#bytes
    for (const holder of this.#inOrderOfLeaving(org)) {
      const left = holder.letGo()
      // Who ended by that has been released meanwhile, and must not come back.
      if (this.#holders.has(holder)) this.#set(holder, left)
      if (this.#bytes < before) return true
    }
    return false
  }

  #inOrderOfLeaving(org: string): Holder[] {
    const stalledBefore = this.#nowMs() - this.#stalledAfterMs
    const isStalled = (holder: Holder) => holder.lastActiveMs < stalledBefore
    const bytesOf = (holder: Holder) => this.#holders.get(holder) ?? 0
    return [...this.#orgOf(org).holders].sort((a, b) => {
      if (isStalled(a) !== isStalled(b)) return isStalled(a) ? -1 : 1
      return isStalled(a) ? a.lastActiveMs - b.lastActiveMs : bytesOf(b) - bytesOf(a)
    })
  }

  #heaviest(): string {
    let heaviest = ''
    let most = -1
    for (const [org, { bytes }] of this.#orgs) {
      if (bytes <= most) continue
      heaviest = org
      most = bytes
    }
    return heaviest
  }

  #set(holder: Holder, bytes: number): void {
    const org = this.#orgOf(holder.org)
    const growth = bytes - (this.#holders.get(holder) ?? 0)
    this.#holders.set(holder, bytes)
    org.holders.add(holder)
    org.bytes += growth
    this.#bytes += growth
  }

  #orgOf(org: string): HeldByOrg {
    const known = this.#orgs.get(org)
    if (known !== undefined) return known
    const created = { bytes: 0, holders: new Set<Holder>() }
    this.#orgs.set(org, created)
    return created
  }
}
