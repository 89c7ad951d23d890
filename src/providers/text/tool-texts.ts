import { BoundedText } from './bounded-text.ts'
import { grown, type Stretch } from './message-draft.ts'

const SEPARATOR = '\n\n'

/** Arguments and results of tools that a request repeats, as one text up to a bound. */
export class ToolTexts {
  readonly #text = new BoundedText()
  readonly #maxBytes: number
  /** A string goes on. */
  #inString = false
  #missed = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** UTF-8 of what is kept. */
  get bytes(): number {
    return this.#text.bytes
  }

  get truncated(): boolean {
    return this.#missed || this.#text.truncated
  }

  /** The stretch with the next of a string, which `last` ends. */
  append(stretch: Stretch | null, piece: string, last: boolean): Stretch {
    const text = this.#text
    const isFirst = !this.#inString && piece !== ''
    if (isFirst && text.chars > 0) this.#add(SEPARATOR)
    const from = text.units
    this.#add(piece)
    this.#inString = !last && (this.#inString || piece !== '')
    text.settle()
    // What was empty so far begins behind the separator.
    const begun = stretch !== null && (stretch.cut || stretch.to > stretch.from) ? stretch : null
    return grown(begun, { section: 'tools', from, to: text.units, cut: text.truncated })
  }

  /** The stretch without a value that is over the bound. */
  miss(stretch: Stretch | null): Stretch {
    this.#missed = true
    const { units } = this.#text
    return grown(stretch, { section: 'tools', from: units, to: units, cut: true })
  }

  /** What follows is another string. */
  ended(): void {
    this.#inString = false
  }

  toString(): string {
    return `${this.#text}`
  }

  #add(text: string): void {
    this.#text.append(text, this.#maxBytes - this.#text.bytes)
  }
}
