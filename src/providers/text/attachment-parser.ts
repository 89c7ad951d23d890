import { createHash, type Hash } from 'node:crypto'
import type { AttachmentBudget } from './attachment-budget.ts'
import type { AttachmentKind } from './exchange-text.ts'
import type { AttachmentPlace } from './prompt-layout.ts'

/** A `data:` URL says what it holds within this many characters, or it is taken for a mere link. */
const MAX_DATA_HEADER = 512
/**
 * So much is held for the moment even where the budget does not allow keeping it: it may be a piece
 * of something that is hashed as a whole.
 */
const MAX_PIECE_BYTES = 1024 * 1024
/** A longer URL or id is not kept: a part of it refers to nothing. */
const MAX_REFERENCE = 2_048
const NO_DIGITS = /[^A-Za-z0-9+/_-]+/g

/** What one attachment turned out to be; its kind may depend on a media type that comes later. */
export interface ReadAttachment {
  readonly kind: AttachmentKind | null
  readonly mediaType: string | null
  readonly sha256: string | null
  readonly bytes: number | null
  /** URL or id of what is only referred to; null where it is too long. */
  readonly reference: string | null
  /** Null where it is over the bound, or there are none. */
  readonly data: Buffer | null
  /** Bytes taken of the budget: all of `data`, or 0 where it may not be kept. */
  readonly taken: number
}

/**
 * One attachment on its way: hashed as its bytes pass by, in base64 or plain, and kept only as long
 * as the budget allows.
 */
export class AttachmentParser {
  readonly #place: Pick<AttachmentPlace, 'form' | 'kind'>
  /** Start of a link, as long as it is not known what it is. */
  #header = ''
  #mediaType: string | null = null
  /** One that is too long is known by its length. */
  #reference = ''
  #content: 'unknown' | 'none' | 'base64' | 'reference'
  #hash: Hash | null = null
  #bytes = 0
  /** Base64 digits that do not make whole bytes yet. */
  #digits = ''
  /** What follows padding does not belong to it. */
  #padded = false
  readonly #budget: AttachmentBudget
  readonly #spareBytes: number
  #taken = 0
  /** Null once they are too many. */
  #held: Buffer[] | null = []

  /** `spareBytes`: held for the moment beyond the budget. */
  constructor(
    place: Pick<AttachmentPlace, 'form' | 'kind'>,
    budget: AttachmentBudget,
    spareBytes = MAX_PIECE_BYTES,
  ) {
    this.#place = place
    this.#budget = budget
    this.#spareBytes = spareBytes
    this.#content = place.form === 'link' ? 'unknown' : place.form
  }

  write(text: string): void {
    if (this.#content === 'base64') this.#base64(text)
    else if (this.#content === 'unknown') this.#link(text)
    else if (this.#content === 'reference' && this.#reference.length <= MAX_REFERENCE)
      this.#reference += text.slice(0, MAX_REFERENCE + 1)
  }

  /** The next bytes as they are, which may be kept: no view of something that is used again. */
  append(bytes: Buffer): Hash {
    this.#hash ??= createHash('sha256')
    if (bytes.length === 0) return this.#hash
    const hadBudget = this.#taken === this.#bytes
    this.#bytes += bytes.length
    if (hadBudget && this.#budget.take(bytes.length)) this.#taken += bytes.length
    else this.#giveBack()
    if (this.#taken < this.#bytes && this.#bytes > this.#spareBytes) this.#held = null
    this.#held?.push(bytes)
    return this.#hash.update(bytes)
  }

  /** Called once. */
  end(): ReadAttachment {
    const { kind } = this.#place
    const mediaType = this.#mediaType
    if (this.#content !== 'base64') {
      // A short link is not known to be one before its end.
      const said = this.#reference + this.#header
      const isKept = said !== '' && said.length <= MAX_REFERENCE
      const reference = isKept && !/^data:/i.test(said) ? said : null
      return { kind, mediaType, sha256: null, bytes: null, reference, data: null, taken: 0 }
    }
    const hash = this.append(Buffer.from(this.#digits, 'base64'))
    const data = this.#held === null || this.#bytes === 0 ? null : Buffer.concat(this.#held)
    return {
      kind,
      mediaType,
      sha256: hash.digest('hex'),
      bytes: this.#bytes,
      reference: null,
      data,
      taken: this.#taken,
    }
  }

  /** It is none, or was cut short. */
  drop(): void {
    this.#giveBack()
    this.#held = null
  }

  #link(text: string): void {
    this.#header += text
    const start = this.#header.slice(0, MAX_DATA_HEADER)
    const [whole = '', mediaType = '', parameters = ''] =
      /^data:([^,;]*)((?:;[^,]*)?),/i.exec(start) ?? []
    if (whole === '') {
      if (start.length < MAX_DATA_HEADER && 'data:'.startsWith(start.slice(0, 5).toLowerCase()))
        return
      this.#content = 'reference'
    } else {
      this.#mediaType = mediaType === '' ? null : mediaType
      this.#content = /;base64$/i.test(parameters) ? 'base64' : 'none'
    }
    const rest = this.#header.slice(whole.length)
    this.#header = ''
    this.write(rest)
  }

  #base64(text: string): void {
    if (this.#padded) return
    const padding = text.indexOf('=')
    this.#padded = padding >= 0
    // Some clients wrap lines; the digits must stay in step for the bytes to be the same wherever
    // the text was cut.
    const digits =
      this.#digits + (padding < 0 ? text : text.slice(0, padding)).replace(NO_DIGITS, '')
    const whole = digits.length - (digits.length % 4)
    this.#digits = digits.slice(whole)
    this.append(Buffer.from(digits.slice(0, whole), 'base64'))
  }

  #giveBack(): void {
    this.#budget.giveBack(this.#taken)
    this.#taken = 0
  }
}
