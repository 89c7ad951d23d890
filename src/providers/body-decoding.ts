import { createDecoder } from './decode.ts'
import type { Decoder } from './decoder.ts'

export interface BodyDecodingOptions {
  readonly contentEncoding: string | null
  readonly incremental: boolean
  readonly onBytes: (bytes: Buffer) => void
  /** The body was decoded to its end, as far as that goes; called once. */
  readonly onEnd?: (broken: boolean) => void
}

/** One direction's body on its way through its decoder: ended once, by its own end or by whoever asks for what was seen. */
export class BodyDecoding {
  readonly #decoder: Decoder | null
  readonly #onEnd: BodyDecodingOptions['onEnd']
  #state: 'open' | 'ending' | 'ended' = 'open'
  #onEnded: (() => void) | null = null

  constructor({ contentEncoding, incremental, onBytes, onEnd }: BodyDecodingOptions) {
    this.#decoder = createDecoder(contentEncoding, { incremental, onBytes })
    this.#onEnd = onEnd
  }

  /** The encoding is known here. */
  get readable(): boolean {
    return this.#decoder !== null
  }

  get pendingBytes(): number {
    return this.#decoder?.pendingBytes ?? 0
  }

  write(chunk: Buffer): void {
    if (this.#state === 'open') this.#decoder?.write(chunk)
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    if (this.#decoder === null) this.#ended(false)
    else this.#decoder.end((broken) => this.#ended(broken))
  }

  finish(done: () => void): void {
    this.end()
    if (this.#state === 'ended') done()
    else this.#onEnded = done
  }

  discard(): void {
    this.#decoder?.discard()
  }

  #ended(broken: boolean): void {
    this.#state = 'ended'
    this.#onEnd?.(broken)
    this.#onEnded?.()
  }
}
