import { createHash, type Hash } from 'node:crypto'
import type { AttachmentKind } from './exchange-text.ts'
import type { AttachmentPlace } from './prompt-layout.ts'

/** A `data:` URL says what it holds within this many characters, or it is taken for a mere link. */
const MAX_DATA_HEADER = 512

/** What one attachment turned out to be; its kind may depend on a media type that comes later. */
export interface ReadAttachment {
  readonly kind: AttachmentKind | null
  readonly mediaType: string | null
  readonly sha256: string | null
  readonly bytes: number | null
  /** Null where it is over the bound, or there are none. */
  readonly data: Buffer | null
}

/** One attachment on its way: hashed as its base64 passes by, and kept only up to a bound. */
export class AttachmentReading {
  readonly #place: AttachmentPlace
  /** Start of a link, as long as it is not known what it is. */
  #header = ''
  #mediaType: string | null = null
  #content: 'unknown' | 'none' | 'base64'
  #hash: Hash | null = null
  #bytes = 0
  /** Base64 digits that do not make whole bytes yet. */
  #digits = ''
  readonly #maxBytes: number
  /** Null once they are too many. */
  #kept: Buffer[] | null = []

  constructor(place: AttachmentPlace, maxBytes: number) {
    this.#place = place
    this.#maxBytes = maxBytes
    this.#content = place.form === 'link' ? 'unknown' : place.form === 'base64' ? 'base64' : 'none'
  }

  write(text: string): void {
    if (this.#content === 'base64') this.#base64(text)
    else if (this.#content === 'unknown') this.#link(text)
  }

  /** Bytes held. */
  get keptBytes(): number {
    return this.#kept === null ? 0 : this.#bytes
  }

  end(): ReadAttachment {
    const { kind } = this.#place
    if (this.#content !== 'base64') return { kind, mediaType: this.#mediaType, sha256: null, bytes: null, data: null }
    const hash = this.#update(this.#digits)
    const data = this.#kept === null || this.#bytes === 0 ? null : Buffer.concat(this.#kept)
    return { kind, mediaType: this.#mediaType, sha256: hash.digest('hex'), bytes: this.#bytes, data }
  }

  #link(text: string): void {
    this.#header += text
    const start = this.#header.slice(0, MAX_DATA_HEADER)
    const [whole = '', mediaType = '', parameters = ''] = /^data:([^,;]*)([^,]*),/i.exec(start) ?? []
    if (whole === '') {
      if (start.length < MAX_DATA_HEADER && 'data:'.startsWith(start.slice(0, 5).toLowerCase())) return
      this.#content = 'none'
    } else {
      this.#mediaType = mediaType === '' ? null : mediaType
      this.#content = /;base64$/i.test(parameters) ? 'base64' : 'none'
    }
    const rest = this.#header.slice(whole.length)
    this.#header = ''
    this.write(rest)
  }

  #base64(text: string): void {
    // Some clients wrap lines; the digits must stay in step for the bytes to be the same wherever the text was cut.
    const digits = this.#digits + (/\s/.test(text) ? text.replace(/\s+/g, '') : text)
    const whole = digits.length - (digits.length % 4)
    this.#digits = digits.slice(whole)
    this.#update(digits.slice(0, whole))
  }

  #update(digits: string): Hash {
    this.#hash ??= createHash('sha256')
    if (digits === '') return this.#hash
    const bytes = Buffer.from(digits, 'base64')
    this.#bytes += bytes.length
    if (this.#bytes > this.#maxBytes) this.#kept = null
    this.#kept?.push(bytes)
    return this.#hash.update(bytes)
  }
}
