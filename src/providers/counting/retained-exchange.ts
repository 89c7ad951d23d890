/** Bytes that all calls of a process keep together. */
export interface RetentionBudget {
  usedBytes: number
  readonly maxBytes: number
}

export function createRetentionBudget(maxBytes = 64 * 1024 * 1024): RetentionBudget {
  return { usedBytes: 0, maxBytes }
}

/** What is counted of a call: both bodies as they were decoded. */
export interface UncountedExchange {
  /** Name of the wire format. */
  readonly format: string
  readonly model: string | null
  /** Null where the provider reported the input. */
  readonly request: Uint8Array | null
  /** Events, server-sent or Amazon's, as far as they came. */
  readonly answer: Uint8Array
}

const MAX_REQUEST_BYTES = 1024 * 1024
const MAX_ANSWER_BYTES = 2 * 1024 * 1024

/**
 * Keeps the bytes of one call until it is known whether they must be counted. Over a bound it lets
 * go of them for good.
 */
export class RetainedExchange {
  readonly #budget: RetentionBudget
  #request: Buffer[] = []
  #requestBytes = 0
  #answer: Buffer[] = []
  #answerBytes = 0
  #isKept = true

  constructor(budget: RetentionBudget) {
    this.#budget = budget
  }

  /** Bytes kept. */
  get bytes(): number {
    return this.#isKept ? this.#requestBytes + this.#answerBytes : 0
  }

  request(bytes: Buffer): void {
    if (!this.#reserve(bytes.length, this.#requestBytes + bytes.length > MAX_REQUEST_BYTES)) return
    // Copies: views would pin the messages the bytes came in.
    this.#request.push(Buffer.from(bytes))
    this.#requestBytes += bytes.length
  }

  answer(bytes: Buffer): void {
    if (!this.#reserve(bytes.length, this.#answerBytes + bytes.length > MAX_ANSWER_BYTES)) return
    this.#answer.push(Buffer.from(bytes))
    this.#answerBytes += bytes.length
  }

  /** The bodies, handed over; null where they were too large. */
  take(): { readonly request: Uint8Array; readonly answer: Uint8Array } | null {
    if (!this.#isKept) return null
    const taken = { request: Buffer.concat(this.#request), answer: Buffer.concat(this.#answer) }
    this.drop()
    return taken
  }

  drop(): void {
    if (!this.#isKept) return
    this.#isKept = false
    this.#budget.usedBytes -= this.#requestBytes + this.#answerBytes
    this.#request = []
    this.#answer = []
  }

  #reserve(bytes: number, isOver: boolean): boolean {
    if (!this.#isKept) return false
    if (isOver || this.#budget.usedBytes + bytes > this.#budget.maxBytes) {
      this.drop()
      return false
    }
    this.#budget.usedBytes += bytes
    return true
  }
}
