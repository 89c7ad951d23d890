/** How many bytes tell the encoding (RFC 4627 §3). */
const TELLING_BYTES = 4
const NOTHING = Buffer.alloc(0)

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be'

/**
 * JSON text in any encoding of Unicode, as UTF-8 without a byte order mark. RFC 8259 §8.1 wants
 * UTF-8, and servers take the others all the same: Python's `json.loads` finds the encoding by the
 * same rule.
 */
export class JsonUnicode {
  readonly #onBytes: (bytes: Buffer) => void
  #first = NOTHING
  #convert: ((bytes: Buffer) => Buffer) | null = null

  constructor(onBytes: (bytes: Buffer) => void) {
    this.#onBytes = onBytes
  }

  write(bytes: Buffer): void {
    if (this.#convert !== null) {
      this.#hand(this.#convert(bytes))
      return
    }
    const first = this.#first.length === 0 ? bytes : Buffer.concat([this.#first, bytes])
    // A copy: a view would pin the message it came in.
    if (first.length < TELLING_BYTES) this.#first = Buffer.from(first)
    else this.#start(first)
  }

  end(): void {
    if (this.#convert === null && this.#first.length > 0) this.#start(this.#first)
  }

  #start(first: Buffer): void {
    const { encoding, markBytes } = encodingOf(first)
    this.#convert = converterOf(encoding)
    this.#first = NOTHING
    this.#hand(this.#convert(first.subarray(markBytes)))
  }

  #hand(bytes: Buffer): void {
    if (bytes.length > 0) this.#onBytes(bytes)
  }
}

/**
 * By its byte order mark, else by which of the first bytes are zero: JSON begins with an ASCII
 * character.
 */
function encodingOf(first: Buffer): { readonly encoding: Encoding; readonly markBytes: number } {
  const [a, b, c, d] = first
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', markBytes: 3 }
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return { encoding: 'utf-32le', markBytes: 4 }
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return { encoding: 'utf-32be', markBytes: 4 }
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', markBytes: 2 }
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', markBytes: 2 }
  const encoding =
    a === 0
      ? b === 0
        ? 'utf-32be'
        : 'utf-16be'
      : b !== 0
        ? 'utf-8'
        : c === 0 && d === 0
          ? 'utf-32le'
          : 'utf-16le'
  return { encoding, markBytes: 0 }
}

function converterOf(encoding: Encoding): (bytes: Buffer) => Buffer {
  if (encoding === 'utf-8') return (bytes) => bytes
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return fromUtf32(encoding === 'utf-32le')
  const decoder = new TextDecoder(encoding)
  return (bytes) => Buffer.from(decoder.decode(bytes, { stream: true }))
}

function fromUtf32(isLittleEndian: boolean): (bytes: Buffer) => Buffer {
  let rest = NOTHING
  return (bytes) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    const whole = all.length - (all.length % 4)
    rest = Buffer.from(all.subarray(whole))
    let text = ''
    for (let at = 0; at < whole; at += 4) {
      const point = isLittleEndian ? all.readUInt32LE(at) : all.readUInt32BE(at)
      text += String.fromCodePoint(point > 0x10ffff ? 0xfffd : point)
    }
    return Buffer.from(text)
  }
}
