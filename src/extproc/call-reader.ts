import { countedFacts } from '../providers/counting/counted-facts.ts'
import type { RetentionBudget } from '../providers/counting/retained-exchange.ts'
import type { TokenCounter } from '../providers/counting/token-counter.ts'
import {
  type AnswerStart,
  createExchangeReader,
  type ExchangeFacts,
  type ExchangeReader,
  type ExchangeStart,
} from '../providers/reading/exchange-reader.ts'
import type { CallMetadata } from './call-metadata.ts'
import type { ObserverCounters } from './observer-counters.ts'

export interface CallReaderOptions {
  readonly call: CallMetadata
  readonly counters: ObserverCounters
  /** Counts what providers did not report; null to leave it unknown. */
  readonly counting: Counting | null
  /** False while the process holds too much: then usage is read, and text is not. */
  readonly keepsText: boolean
  /** A fault that ended the reading; its message may quote what was read. */
  readonly onFault: (error: unknown) => void
  /** Default: the readers of the providers. */
  readonly createReader?: typeof createExchangeReader
}

export interface Counting {
  readonly counter: TokenCounter
  readonly retention: RetentionBudget
}

/** What is attached to request and answer of one call and kept, decoded. */
const MAX_ATTACHMENT_BYTES = 24 * 1024 * 1024

/**
 * What one call says, read by its provider's reader. One call's fault ends one call's reading:
 * whatever fails within is counted and reported, the reader is let go of, and anyone who waits for
 * the facts is still called back, once.
 */
export class CallReader {
  readonly #options: CallReaderOptions
  #reader: ExchangeReader | null = null
  #isTextDropped: boolean
  #failed = false

  constructor(options: CallReaderOptions) {
    this.#options = options
    this.#isTextDropped = !options.keepsText
  }

  /** What it read until then is not known any more. */
  get failed(): boolean {
    return this.#failed
  }

  /** Of a websocket: one side has said that it closes. */
  get isClosed(): boolean {
    return this.#reader?.isClosed === true
  }

  get isTextDropped(): boolean {
    return this.#isTextDropped
  }

  get pendingBytes(): number {
    return this.#ask((reader) => reader.pendingBytes) ?? 0
  }

  get textBytes(): number {
    return this.#ask((reader) => reader.textBytes) ?? 0
  }

  get heldBytes(): number {
    return this.#ask((reader) => reader.heldBytes) ?? 0
  }

  start(start: ExchangeStart): void {
    const { call, counting, createReader = createExchangeReader } = this.#options
    const options = {
      text: call.capture !== null,
      maxAttachmentBytes: MAX_ATTACHMENT_BYTES,
      retention: counting?.retention,
    }
    try {
      this.#reader = createReader(start, options)
    } catch (error) {
      this.#fail(error)
    }
    if (this.#isTextDropped) this.#ask((reader) => reader.dropText())
  }

  requestBody(body: Uint8Array): void {
    this.#ask((reader) => reader.requestBody(body))
  }

  requestEnd(): void {
    this.#ask((reader) => reader.requestEnd())
  }

  responseStart(answer: AnswerStart): void {
    this.#ask((reader) => reader.responseStart(answer))
  }

  responseBody(body: Uint8Array): void {
    this.#ask((reader) => reader.responseBody(body))
  }

  responseEnd(): void {
    this.#ask((reader) => reader.responseEnd())
  }

  /** Null where nothing is read. */
  soFar(withText: boolean): ExchangeFacts | null {
    return this.#ask((reader) => reader.soFar(withText))
  }

  /** Text is not kept any more; usage is still read. */
  dropText(): void {
    this.#isTextDropped = true
    if (this.#options.call.capture !== null) this.#options.counters.textDropped += 1
    this.#ask((reader) => reader.dropText())
  }

  discard(): void {
    this.#ask((reader) => reader.discard())
  }

  /**
   * `done` is called once, with null where nothing was read; decoders and the counter may take a
   * while.
   */
  finish(done: (facts: ExchangeFacts | null) => void): void {
    let isDone = false
    const once = (facts: ExchangeFacts | null) => {
      if (isDone) return
      isDone = true
      done(facts)
    }
    const attempt = (work: () => void) => {
      try {
        work()
      } catch (error) {
        this.#fail(error)
        once(null)
      }
    }
    const reader = this.#reader
    if (reader === null) once(null)
    else attempt(() => reader.finish((facts) => attempt(() => this.#count(facts, once))))
  }

  #count(facts: ExchangeFacts, done: (facts: ExchangeFacts) => void): void {
    const { counting, call, counters, onFault } = this.#options
    // What failed while a body was read, in a callback of its decoder.
    if (facts.fault !== null) {
      onFault(facts.fault)
      counters.readingFailed += 1
    }
    if (counting === null || facts.uncounted === null) done(facts)
    else
      counting.counter.count(call.org, facts.uncounted, (counts) =>
        done(countedFacts(facts, counts)),
      )
  }

  #ask<T>(question: (reader: ExchangeReader) => T): T | null {
    if (this.#reader === null) return null
    try {
      return question(this.#reader)
    } catch (error) {
      this.#fail(error)
      return null
    }
  }

  #fail(error: unknown): void {
    const { counters, onFault } = this.#options
    onFault(error)
    counters.readingFailed += 1
    this.#failed = true
    const reader = this.#reader
    this.#reader = null
    try {
      reader?.discard()
    } catch (second) {
      onFault(second)
    }
  }
}
