import fs from 'node:fs'

/** Asking costs a system call: once in so long, or once in so many bytes. */
const ASK_EVERY_MS = 100
const ASK_EVERY_BYTES = 32 * 1024

/** Keeps a writer off the last part of a disk: observations end there, intents go on. */
export class FreeSpaceGuard {
  readonly #directory: string
  readonly #leaveBytes: number
  #askedAtMs = Number.NEGATIVE_INFINITY
  #writtenBytes = 0
  #freeBytes = Number.POSITIVE_INFINITY

  constructor(directory: string, leaveBytes: number) {
    this.#directory = directory
    this.#leaveBytes = leaveBytes
  }

  /** Throws when these bytes would go into what is to be left free. */
  check(bytes: number): void {
    if (this.#leaveBytes === 0) return
    this.#writtenBytes += bytes
    if (performance.now() - this.#askedAtMs > ASK_EVERY_MS || this.#writtenBytes > ASK_EVERY_BYTES)
      this.#ask()
    if (this.#freeBytes - this.#writtenBytes < this.#leaveBytes)
      throw new Error(
        `the disk has no more than ${this.#freeBytes} bytes free, and ${this.#leaveBytes} are left to intents`,
      )
  }

  #ask(): void {
    this.#askedAtMs = performance.now()
    this.#writtenBytes = 0
    try {
      const { bavail, bsize } = fs.statfsSync(this.#directory)
      this.#freeBytes = bavail * bsize
    } catch {
      // A disk that cannot be asked will say so when it is written to.
      this.#freeBytes = Number.POSITIVE_INFINITY
    }
  }
}
