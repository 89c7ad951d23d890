import { Readable } from 'node:stream'

/** Bytes that wait for a slow reader; what comes meanwhile is counted, not kept. */
const MOST_WAITING = 1_048_576
/** Milliseconds after which a client that lost its connection comes back. */
const RETRY_MS = 3_000

/** Server-sent events (WHATWG HTML, 9.2) to one reader, in bounded memory. */
export class EventStream extends Readable {
  #missed = 0
  #isFull = false
  #hasEnded = false

  constructor() {
    super({ highWaterMark: MOST_WAITING })
    this.#push(`retry: ${RETRY_MS}\n\n`)
  }

  /** Of an event that is left out where the reader is too slow, by how many records it stands for. */
  send(event: string, data: unknown, id: string | null = null, records = 1): void {
    if (this.#isFull) {
      this.#missed += records
      return
    }
    // JSON has no line end in it.
    const head = id === null ? '' : `id: ${id}\n`
    this.#push(`event: ${event}\n${head}data: ${JSON.stringify(data)}\n\n`)
  }

  finish(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.push(null)
  }

  override _read(): void {
    this.#isFull = false
    if (this.#missed === 0) return
    const missed = this.#missed
    this.#missed = 0
    this.send('skipped', { records: missed })
  }

  #push(text: string): void {
    if (this.#hasEnded || this.destroyed) return
    this.#isFull = !this.push(text)
  }
}
