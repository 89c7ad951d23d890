/**
 * A wanted value longer than this is dropped: usage objects and names are far smaller, hostile ones
 * need not be kept.
 */
const MAX_VALUE_BYTES = 65_536
/** Short values repeat on each event of a stream (model, tier): they are decoded once. */
const MAX_REMEMBERED_BYTES = 64

/**
 * Collects the bytes of one value across chunks. Bytes are copied only where a value crosses a
 * chunk boundary.
 */
export class JsonValueCapture {
  readonly #lastText: (string | undefined)[]
  readonly #lastBytes: (Buffer | undefined)[]
  readonly #maxBytes: number
  #slot = -1
  #from = 0
  #kept: Buffer[] = []
  #keptBytes = 0

  constructor(slots: number, maxBytes = MAX_VALUE_BYTES) {
    this.#maxBytes = maxBytes
    this.#lastText = new Array<string | undefined>(slots).fill(undefined)
    this.#lastBytes = new Array<Buffer | undefined>(slots).fill(undefined)
  }

  /** The slot whose value is being collected, -1 for none. */
  get slot(): number {
    return this.#slot
  }

  start(slot: number, at: number): void {
    this.#slot = slot
    this.#from = at
  }

  /** A new chunk begins: the value under way goes on at its first byte. */
  continueAt(at: number): void {
    this.#from = at
  }

  /**
   * The chunk ends: its part of the value under way is copied, since a slice would pin the message
   * it came in.
   */
  keep(bytes: Buffer, end: number): void {
    if (this.#slot < 0 || end === this.#from) return
    this.#keptBytes += end - this.#from
    if (this.#keptBytes > this.#maxBytes) this.#kept = []
    else this.#kept.push(Buffer.from(bytes.subarray(this.#from, end)))
  }

  /** The value's text; null where it was too long. */
  finish(bytes: Buffer, end: number): string | null {
    const slot = this.#slot
    const length = this.#keptBytes + Math.max(0, end - this.#from)
    this.#slot = -1
    if (this.#keptBytes > 0) {
      const whole =
        length > this.#maxBytes
          ? null
          : Buffer.concat([...this.#kept, bytes.subarray(this.#from, Math.max(this.#from, end))])
      this.#kept = []
      this.#keptBytes = 0
      return whole === null ? null : this.#text(slot, whole, 0, whole.length)
    }
    return length > this.#maxBytes ? null : this.#text(slot, bytes, this.#from, end)
  }

  cancel(): void {
    this.#slot = -1
    if (this.#keptBytes === 0) return
    this.#kept = []
    this.#keptBytes = 0
  }

  #text(slot: number, bytes: Buffer, start: number, end: number): string {
    if (end - start > MAX_REMEMBERED_BYTES) return bytes.toString('utf8', start, end)
    const lastText = this.#lastText[slot]
    if (lastText !== undefined && isEqual(this.#lastBytes[slot], bytes, start, end)) return lastText
    const text = bytes.toString('utf8', start, end)
    this.#lastText[slot] = text
    this.#lastBytes[slot] = Buffer.from(bytes.subarray(start, end))
    return text
  }
}

function isEqual(known: Buffer | undefined, bytes: Buffer, start: number, end: number): boolean {
  if (known === undefined || known.length !== end - start) return false
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false
  return true
}
