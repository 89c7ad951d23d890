import { createDecoder } from './decode.ts'
import type { Decoder } from './decoder.ts'

export interface BodyDecodingOptions {
  readonly contentEncoding: string | null
  readonly incremental: boolean
  readonly onBytes: (bytes: Buffer) => void
  /** The body was decoded to its end, as far as that goes; called once. */
  readonly onEnd?: (broken: boolean) => void
}

/**
 * One direction's body on its way through its decoder: ended once, by its own end or by the code
 * that asks for what was seen. A decoder calls back from threads and streams of its own, where no
 * one catches: what fails while reading what it hands on ends this body's reading, and goes to
 * `done` of `finish`.
 */
export class BodyDecoding {
  readonly #decoder: Decoder
  /**
   * False where the encoding is unknown here: then the body is read as it is, since its server may
   * do so too.
   */
  readonly isKnown: boolean
  readonly #onEnd: BodyDecodingOptions['onEnd']
  #state: 'open' | 'ending' | 'ended' = 'open'
  #onEnded: ((fault: Error | null) => void) | null = null
  #fault: Error | null = null

  constructor({ contentEncoding, incremental, onBytes, onEnd }: BodyDecodingOptions) {
    const read = (bytes: Buffer) => {
      if (this.#fault !== null) return
      try {
        onBytes(bytes)
      } catch (error) {
        this.#fail(error)
      }
    }
    const known = createDecoder(contentEncoding, { incremental, onBytes: read })
    this.isKnown = known !== null
    this.#decoder = known ?? {
      write: read,
      end: (done) => done(false),
      pendingBytes: 0,
      discard() {},
    }
    this.#onEnd = onEnd
  }

  get pendingBytes(): number {
    return this.#decoder.pendingBytes
  }

  write(chunk: Buffer): void {
    if (this.#state === 'open' && this.#fault === null) this.#decoder.write(chunk)
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#decoder.end((broken) => this.#ended(broken))
  }

  /** `done` gets what failed while the body was read; null where nothing did. */
  finish(done: (fault: Error | null) => void): void {
    this.end()
    if (this.#state === 'ended') done(this.#fault)
    else this.#onEnded = done
  }

  discard(): void {
    this.#decoder.discard()
  }

  #ended(broken: boolean): void {
    this.#state = 'ended'
    try {
      this.#onEnd?.(broken)
    } catch (error) {
      this.#fail(error)
    }
    this.#onEnded?.(this.#fault)
  }

  #fail(error: unknown): void {
    this.#fault ??= error instanceof Error ? error : new Error('not an error', { cause: error })
  }
}
