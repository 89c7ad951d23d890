/**
 * Bounds the decoded bytes of all attachments of one call, in both directions together: first come,
 * first served.
 */
export class AttachmentBudget {
  readonly #maxBytes: number
  #left: number

  /** Decoded bytes. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#left = maxBytes
  }

  /** Takes all of the bytes or, where they exceed what is left, none: then false. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  get takenBytes(): number {
    return this.#maxBytes - this.#left
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}
