import { jsonString } from '../json/text.ts'
import { BoundedText } from './bounded-text.ts'
import type { ToolCall } from './exchange-text.ts'

const MAX_CALLS = 256
/** Arguments of one answer's calls together: they may hold whole files. */
const MAX_ARGUMENT_BYTES = 4 * 1024 * 1024

/** What a document says of a call; of a stream, a part of it. Names and ids are JSON text. */
export interface ToolCallPart {
  readonly id?: string | undefined
  readonly name?: string | undefined
  /** The next piece of the arguments. */
  readonly more?: BoundedText | undefined
  /** The arguments from the first to the last, in place of pieces. */
  readonly whole?: string | undefined
}

interface Call {
  readonly order: number
  readonly part: number
  id: string | null
  name: string | null
  pieces: BoundedText
}

/** Gathers the tool calls of an answer, whole or by the pieces of a stream. */
export class ToolCallAccumulator {
  readonly #calls: Call[] = []
  /** The last call at each place. */
  readonly #current = new Map<string, Call>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#calls.length === 0
  }

  /**
   * `order` and `part` tell calls apart and bring them in order: a choice and its call, or a block
   * alone. Gemini's compatible path gives parallel calls one number: a name under another id begins
   * another call.
   */
  add(order: number, part: number, { id, name, more, whole }: ToolCallPart): void {
    const named = { id: jsonString(id), name: jsonString(name) }
    const call = this.#call(order, part, named)
    if (call === null) return
    call.id = named.id ?? call.id
    call.name = named.name ?? call.name
    if (whole !== undefined) {
      this.#bytes -= call.pieces.bytes
      call.pieces = new BoundedText()
      call.pieces.append(whole, this.#leftBytes)
      this.#bytes += call.pieces.bytes
    } else if (more !== undefined && more.chars > 0) {
      const before = call.pieces.bytes
      call.pieces.take(more, this.#leftBytes)
      this.#bytes += call.pieces.bytes - before
    }
  }

  /** Arguments grown by a piece: they are no call's before they are handed to `add`. */
  append(text: BoundedText | undefined, piece: string): BoundedText {
    const grown = text ?? new BoundedText()
    grown.append(piece, MAX_ARGUMENT_BYTES - grown.bytes)
    return grown
  }

  has(order: number, part: number): boolean {
    return this.#current.has(keyOf(order, part))
  }

  clear(): void {
    this.#calls.length = 0
    this.#current.clear()
    this.#bytes = 0
  }

  /** The order of each call of the result. */
  orders(): number[] {
    return this.#sorted().map(({ order }) => order)
  }

  result(): ToolCall[] {
    return this.#sorted().map(({ id, name, pieces }, index) => ({
      index,
      id,
      name,
      argumentsJson: pieces.truncated ? null : pieces.toString(),
    }))
  }

  #sorted(): Call[] {
    return [...this.#calls].sort((a, b) => a.order - b.order || a.part - b.part)
  }

  get #leftBytes(): number {
    return MAX_ARGUMENT_BYTES - this.#bytes
  }

  #call(order: number, part: number, { id, name }: Pick<Call, 'id' | 'name'>): Call | null {
    const key = keyOf(order, part)
    const known = this.#current.get(key)
    const isAnother = known?.id != null && id !== null && id !== known.id && name !== null
    if (known !== undefined && !isAnother) return known
    if (this.#calls.length === MAX_CALLS) return null
    const call: Call = { order, part, id: null, name: null, pieces: new BoundedText() }
    this.#calls.push(call)
    this.#current.set(key, call)
    return call
  }
}

function keyOf(order: number, part: number): string {
  return `${order}/${part}`
}
