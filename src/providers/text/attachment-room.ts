/** Room for the bytes of everything that is attached to one call, in either direction: one bound, whoever comes first. */
export class AttachmentRoom {
  readonly #maxBytes: number
  #left: number

  /** Decoded bytes. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#left = maxBytes
  }

  /** False where there is no room for so many bytes: then none is taken. */
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
