/** A place in a text that it can go back to. */
export interface TextMark {
  readonly pieces: number
  readonly bytes: number
  readonly units: number
  readonly chars: number
  readonly truncated: boolean
}

/** So many pieces become one, when no one may go back to before them. */
const MAX_LOOSE_PIECES = 512

/** Text that grows by pieces up to a bound; what is beyond it is counted and dropped. */
export class BoundedText {
  #settled = ''
  #pieces: string[] = []
  #bytes = 0
  #units = 0
  #chars = 0
  #truncated = false

  /** UTF-8 of what is kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** UTF-16 units of what is kept. */
  get units(): number {
    return this.#units
  }

  /** UTF-16 units of the whole text, kept or not. */
  get chars(): number {
    return this.#chars
  }

  get truncated(): boolean {
    return this.#truncated
  }

  /**
   * Appends a piece, or as much of it as `maxBytes` hold; nothing follows a piece that was cut.
   */
  append(piece: string, maxBytes: number): void {
    this.#chars += piece.length
    if (this.#truncated) return
    const bytes = Buffer.byteLength(piece)
    const kept = bytes <= maxBytes ? piece : wholeCharacters(piece, maxBytes)
    if (kept !== piece) this.#truncated = true
    if (kept === '') return
    this.#pieces.push(kept)
    this.#bytes += kept === piece ? bytes : Buffer.byteLength(kept)
    this.#units += kept.length
  }

  /** Appends another text, or as much of it as `maxBytes` hold. */
  take(other: BoundedText, maxBytes: number): void {
    this.append(other.toString(), maxBytes)
    this.#chars += other.chars - other.units
    if (other.truncated) this.#truncated = true
  }

  mark(): TextMark {
    const { length: pieces } = this.#pieces
    return {
      pieces,
      bytes: this.#bytes,
      units: this.#units,
      chars: this.#chars,
      truncated: this.#truncated,
    }
  }

  /** Forgets what came since the mark; marks are gone back to in reverse order only. */
  rollback({ pieces, bytes, units, chars, truncated }: TextMark): void {
    this.#pieces.length = pieces
    this.#bytes = bytes
    this.#units = units
    this.#chars = chars
    this.#truncated = truncated
  }

  /** No one goes back to an earlier mark any more. */
  settle(): void {
    if (this.#pieces.length < MAX_LOOSE_PIECES) return
    this.#settled += this.#pieces.join('')
    this.#pieces = []
  }

  toString(): string {
    return this.#settled + this.#pieces.join('')
  }
}

/** As much of a text as fits, without half a character at its end. */
function wholeCharacters(text: string, maxBytes: number): string {
  if (maxBytes <= 0) return ''
  // A UTF-16 unit takes at least one byte, so more units than bytes never fit.
  let units = Math.min(text.length, maxBytes)
  const last = text.charCodeAt(units - 1)
  if (units < text.length && last >= 0xd800 && last <= 0xdbff) units--
  const encoded = Buffer.from(text.slice(0, units))
  let end = Math.min(maxBytes, encoded.length)
  while (end > 0 && end < encoded.length && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--
  // By length, not by content: lone surrogates were encoded as replacements.
  return text.slice(0, encoded.toString('utf8', 0, end).length)
}
