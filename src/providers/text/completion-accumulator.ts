import { BoundedText } from './bounded-text.ts'
import type { CapturedText } from './exchange-text.ts'
import { previewOf } from './preview.ts'

/** More choices or content blocks than any answer has. */
const MAX_STREAMS = 4_096

/**
 * Gathers the visible text of an answer, whose choices or blocks may come interleaved, up to a
 * bound.
 */
export class CompletionAccumulator {
  readonly #maxBytes: number
  readonly #streams = new Map<number, BoundedText>()
  #bytes = 0
  #truncated = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0
  }

  /** UTF-8 of what is kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** The text grown by a piece: it does not belong to the answer before it is handed to `add`. */
  append(text: BoundedText | undefined, piece: string): BoundedText {
    const grown = text ?? new BoundedText()
    grown.append(piece, this.#maxBytes - grown.bytes)
    return grown
  }

  /** Two texts as one. */
  join(before: BoundedText | undefined, text: BoundedText | undefined): BoundedText | undefined {
    if (before === undefined || text === undefined) return before ?? text
    before.take(text, this.#maxBytes - before.bytes)
    return before
  }

  /** The text is visible and belongs to this choice or block. */
  add(order: number, text: BoundedText | undefined): void {
    if (text === undefined || text.chars === 0) return
    const stream = this.#stream(order)
    if (stream === null) {
      this.#truncated = true
      return
    }
    const before = stream.bytes
    stream.take(text, this.#maxBytes - this.#bytes)
    this.#bytes += stream.bytes - before
    stream.settle()
  }

  clear(): void {
    this.#streams.clear()
    this.#bytes = 0
    this.#truncated = false
  }

  /** `whole`: the answer came to its own end. */
  result(whole: boolean): CapturedText | null {
    const streams = [...this.#streams].sort(([a], [b]) => a - b).map(([, text]) => text)
    const chars = streams.reduce((sum, text) => sum + text.chars, 0)
    if (chars === 0) return null
    const full = streams.map((text) => text.toString()).join('')
    return {
      preview: previewOf(full),
      full,
      truncated: !whole || this.#truncated || streams.some((text) => text.truncated),
      chars,
    }
  }

  /** Where the text of each choice or block stands in the whole, in UTF-16 units. */
  stretches(): {
    readonly order: number
    readonly from: number
    readonly to: number
    readonly cut: boolean
  }[] {
    let from = 0
    return [...this.#streams]
      .sort(([a], [b]) => a - b)
      .map(([order, { units, truncated: cut }]) => {
        const stretch = { order, from, to: from + units, cut }
        from += units
        return stretch
      })
  }

  #stream(order: number): BoundedText | null {
    const known = this.#streams.get(order)
    if (known !== undefined) return known
    if (this.#streams.size === MAX_STREAMS) return null
    const stream = new BoundedText()
    this.#streams.set(order, stream)
    return stream
  }
}
