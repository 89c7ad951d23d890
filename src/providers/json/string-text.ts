import { StringDecoder } from 'node:string_decoder'

/** The longest escape: a backslash, `u` and four digits. */
const MAX_ESCAPE_LENGTH = 6

/**
 * Decodes the inside of JSON strings that come in pieces. What a cut leaves unfinished - bytes of a
 * character, an escape, the first half of a surrogate pair - waits for the next piece, so that the
 * text is the same wherever it was cut.
 */
export class JsonStringText {
  readonly #utf8 = new StringDecoder('utf8')
  /** Start of an escape. */
  #escape = ''
  /** First half of a surrogate pair. */
  #half = ''
  #started = false

  reset(): void {
    if (this.#started) this.#utf8.end()
    this.#escape = ''
    this.#half = ''
    this.#started = false
  }

  /** The text of the next bytes; `last` when the closing quote follows. */
  write(bytes: Buffer, start: number, end: number, last: boolean): string {
    // Nearly all strings come whole.
    if (last && !this.#started) return unescaped(bytes.toString('utf8', start, end))
    const decoded = this.#utf8.write(bytes.subarray(start, end))
    let raw = this.#escape + (last ? decoded + this.#utf8.end() : decoded)
    this.#escape = ''
    this.#started = !last
    const cut = last ? raw.length : wholeEscapes(raw)
    if (cut < raw.length) {
      this.#escape = raw.slice(cut)
      raw = raw.slice(0, cut)
    }
    const text = this.#half + unescaped(raw)
    this.#half = ''
    const final = text.charCodeAt(text.length - 1)
    if (last || final < 0xd800 || final > 0xdbff || Number.isNaN(final)) return text
    this.#half = text.slice(-1)
    return text.slice(0, -1)
  }
}

/** Length of the raw text without an escape that its end cuts short. */
function wholeEscapes(raw: string): number {
  const backslash = raw.lastIndexOf('\\')
  if (backslash < 0 || raw.length - backslash >= MAX_ESCAPE_LENGTH) return raw.length
  let before = backslash
  while (before > 0 && raw[before - 1] === '\\') before--
  // After an even number of backslashes this one starts an escape; after an odd one it is escaped
  // itself.
  if ((backslash - before) % 2 === 1) return raw.length
  const length = raw[backslash + 1] === 'u' ? MAX_ESCAPE_LENGTH : 2
  return raw.length - backslash < length ? backslash : raw.length
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw
  try {
    const text: unknown = JSON.parse(`"${raw}"`)
    if (typeof text === 'string') return text
  } catch {
    // Not JSON to the letter (a raw line feed, an escape no one knows): some hosts read it all the
    // same, and so does this.
  }
  return raw.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/gs,
    (_, hex: string | undefined, letter: string | undefined) =>
      hex === undefined
        ? (ESCAPES[letter ?? ''] ?? letter ?? '')
        : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
