/** Headers of a part: its name and type; longer ones are not read. */
const MAX_HEADER_BYTES = 4_096
const HEADERS_END = Buffer.from('\r\n\r\n')

// Where the reader stands.
const BEFORE_PART = 0
const IN_HEADERS = 1
const IN_VALUE = 2
const IN_SKIPPED = 3

/**
 * Picks short fields out of a multipart/form-data body in whatever chunks it comes (RFC 7578).
 * Files are walked over by searching the next boundary; nothing but the wanted values and a tail as
 * long as the boundary is ever kept.
 */
export class MultipartForm {
  readonly #wanted: ReadonlyMap<string, number>
  readonly #boundary: Buffer
  readonly #values = new Map<string, string>()
  #state = BEFORE_PART
  /**
   * Bytes not worked off: the headers or the value under way, or what may be the beginning of a
   * boundary.
   */
  #rest: Buffer
  #name = ''
  #maxValueBytes = 0

  /**
   * `wanted`: the names of the fields, and how many bytes each may have; a longer one is not read.
   */
  constructor(boundary: string, wanted: ReadonlyMap<string, number>) {
    this.#wanted = wanted
    this.#boundary = Buffer.from(`\r\n--${boundary}`, 'latin1')
    // The first boundary may stand at the very beginning.
    this.#rest = Buffer.from('\r\n')
  }

  /** At least one boundary was found. */
  get hasParts(): boolean {
    return this.#state !== BEFORE_PART
  }

  get(name: string): string | null {
    return this.#values.get(name) ?? null
  }

  write(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const rest = this.#step(bytes)
      if (rest === null) break
      bytes = rest
    }
  }

  /** Works off one part of the form; null when more bytes are needed. */
  #step(bytes: Buffer): Buffer | null {
    if (this.#state === IN_HEADERS) return this.#headers(bytes)
    const end = bytes.indexOf(this.#boundary)
    if (end < 0) {
      if (this.#state === IN_VALUE && bytes.length > this.#maxValueBytes + this.#boundary.length)
        this.#state = IN_SKIPPED
      return this.#keep(
        this.#state === IN_VALUE
          ? bytes
          : bytes.subarray(Math.max(0, bytes.length - this.#boundary.length + 1)),
      )
    }
    if (this.#state === IN_VALUE && end <= this.#maxValueBytes + 2)
      this.#values.set(this.#name, bytes.toString('utf8', 2, Math.max(2, end)))
    this.#state = IN_HEADERS
    return bytes.subarray(end + this.#boundary.length)
  }

  /**
   * Reads the headers of a part. Their end is looked for within the bound and before the next
   * boundary only: parts without headers would otherwise cost a search through all that follows,
   * each.
   */
  #headers(bytes: Buffer): Buffer | null {
    const near = bytes.subarray(0, MAX_HEADER_BYTES)
    const boundary = near.indexOf(this.#boundary)
    const part = boundary < 0 ? near : near.subarray(0, boundary)
    const end = part.indexOf(HEADERS_END)
    if (end < 0 && boundary >= 0) return bytes.subarray(boundary + this.#boundary.length)
    if (end < 0 && bytes.length < MAX_HEADER_BYTES) return this.#keep(bytes)
    this.#name = end < 0 ? '' : fieldName(bytes.toString('utf8', 0, end))
    const maxValueBytes = this.#values.has(this.#name) ? undefined : this.#wanted.get(this.#name)
    this.#maxValueBytes = maxValueBytes ?? 0
    this.#state = maxValueBytes === undefined ? IN_SKIPPED : IN_VALUE
    // The blank line's own CRLF may begin the boundary of an empty value.
    return end < 0 ? bytes : bytes.subarray(end + 2)
  }

  /** A copy: a view would pin the message it came in. */
  #keep(bytes: Buffer): null {
    this.#rest = Buffer.from(bytes)
    return null
  }
}

/** The boundary of a multipart content type; null for any other. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, plain] =
    /^\s*multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
      contentType,
    ) ?? []
  return quoted ?? plain ?? null
}

/** Of a part with a file name nothing is wanted. */
function fieldName(headers: string): string {
  const disposition = /(?:^|\r\n)content-disposition:([^\r\n]*)/i.exec(headers)?.[1] ?? ''
  if (/;\s*filename\*?=/i.test(disposition)) return ''
  const [, quoted, plain] = /;\s*name=(?:"([^"]*)"|([^\s;]+))/i.exec(disposition) ?? []
  return quoted ?? plain ?? ''
}
