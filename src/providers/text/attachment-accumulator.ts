import type { AttachmentBudget } from './attachment-budget.ts'
import { AttachmentParser, type ReadAttachment } from './attachment-parser.ts'
import type { Attachment, AttachmentDirection, AttachmentKind } from './exchange-text.ts'
import type { AttachmentPlace } from './prompt-layout.ts'

const MAX_ATTACHMENTS = 256
/** UTF-16 units of a file's name. */
const MAX_NAME = 1_024
const IN_PIECES = { form: 'base64', kind: null } as const

/** What is known of an attachment besides its bytes. */
export interface AttachmentNote {
  readonly mediaType: string | null
  /** Where neither the place nor the media type says it. */
  readonly kind?: AttachmentKind | null
  /** Of a file, where the call names it. */
  readonly name?: string | null
  /** Of the answer: where it stands among its texts and calls; the end where it is not known. */
  readonly place?: number
  /** Distinguishes it from others; what was kept already is not kept again. */
  readonly order?: number
}

interface Pieces extends AttachmentNote {
  readonly reading: AttachmentParser
  /** A piece is missing: the bytes of the whole are not known any more. */
  broken: boolean
}

/**
 * Gathers what is attached to one direction of a call, part by part or by the pieces of a stream.
 */
export class AttachmentAccumulator {
  readonly #attachments: Attachment[] = []
  /** Of each attachment. */
  readonly #places: number[] = []
  readonly #orders = new Set<number>()
  /** Of the part that is being read: its media type may come after its bytes. */
  #read: ReadAttachment[] = []
  #reading: AttachmentParser | null = null
  readonly #pieces = new Map<number, Pieces>()
  /**
   * How many attachments there were where parts began that may turn out to be none of the call's.
   */
  readonly #marks: number[] = []
  readonly #direction: AttachmentDirection
  readonly #budget: AttachmentBudget

  constructor(direction: AttachmentDirection, budget: AttachmentBudget) {
    this.#direction = direction
    this.#budget = budget
  }

  /** How many have been settled. */
  get count(): number {
    return this.#attachments.length
  }

  /** Of each attachment of the result: where it stands in the answer. */
  get places(): readonly number[] {
    return this.#places
  }

  has(order: number): boolean {
    return this.#orders.has(order)
  }

  append(place: AttachmentPlace, text: string, last: boolean): void {
    if (this.#reading === null) {
      if (this.#isFull) return
      this.#reading = new AttachmentParser(place, this.#budget)
    }
    this.#reading.write(text)
    if (!last) return
    const read = this.#reading.end()
    this.#reading = null
    // Of several in one part none is a piece: what may not be kept need not be held.
    this.#read.push(this.#read.length === 0 || isKept(read) ? read : { ...read, data: null })
  }

  /** The part ends; what was cut within it is left out. */
  settle(note: AttachmentNote): void {
    const { order } = note
    if (order !== undefined && this.#orders.has(order)) {
      this.drop()
      return
    }
    for (const read of this.#read) {
      // Providers tell an empty string where there is nothing.
      if (read.bytes === 0 && this.#direction === 'response') continue
      this.#add(read, note)
      if (order !== undefined) this.#orders.add(order)
    }
    this.#read = []
    this.drop()
  }

  /** The part ends, and what was read of it is the next piece of one attachment. */
  join(note: AttachmentNote & { readonly order: number }): void {
    const cut = this.#reading !== null
    const read = this.#read
    this.drop()
    for (const link of read.filter(({ bytes }) => bytes === null)) this.#add(link, note)
    const filled = read.filter(({ bytes }) => bytes !== null && bytes > 0)
    if (!cut && filled.length === 0) return
    const pieces = this.#piecesOf(note)
    if (pieces === null) return
    for (const { data } of filled) {
      if (data === null) pieces.broken = true
      else pieces.reading.append(data)
    }
    if (cut) pieces.broken = true
  }

  /** Bytes of a body that is an attachment itself. */
  write(bytes: Buffer, note: AttachmentNote): void {
    this.#piecesOf({ ...note, order: 0 })?.reading.append(Buffer.from(bytes))
  }

  /** The part ends and does not belong to the call. */
  drop(): void {
    this.#reading?.drop()
    this.#reading = null
    for (const { taken } of this.#read) this.#budget.giveBack(taken)
    this.#read = []
  }

  /** Attachments from here on may turn out not to belong to the call: see `release`. */
  mark(): void {
    this.#marks.push(this.#attachments.length)
  }

  release(keep: boolean): void {
    const mark = this.#marks.pop()
    if (mark === undefined || keep) return
    this.#places.splice(mark)
    for (const { data } of this.#attachments.splice(mark)) this.#budget.giveBack(data?.length ?? 0)
  }

  /** A document ends, and with it whatever was open in it. */
  documentEnded(): void {
    this.drop()
    while (this.#marks.length > 0) this.release(false)
  }

  /** What came in pieces counts when all of it came: `whole`, and then nothing may follow. */
  result(whole: boolean): readonly Attachment[] {
    if (!whole) return [...this.#attachments]
    for (const [, pieces] of [...this.#pieces].sort(([a], [b]) => a - b)) {
      if (pieces.broken) pieces.reading.drop()
      else this.#add(pieces.reading.end(), pieces)
    }
    this.#pieces.clear()
    return [...this.#attachments]
  }

  get #isFull(): boolean {
    return this.#attachments.length + this.#read.length + this.#pieces.size >= MAX_ATTACHMENTS
  }

  #piecesOf(note: AttachmentNote & { readonly order: number }): Pieces | null {
    const known = this.#pieces.get(note.order)
    if (known !== undefined) return known
    if (this.#isFull) return null
    const pieces = {
      ...note,
      reading: new AttachmentParser(IN_PIECES, this.#budget, 0),
      broken: false,
    }
    this.#pieces.set(note.order, pieces)
    return pieces
  }

  #add(read: ReadAttachment, { mediaType, kind = null, name = null, place }: AttachmentNote): void {
    const type = read.mediaType ?? mediaType
    this.#places.push(place ?? Number.POSITIVE_INFINITY)
    this.#attachments.push({
      direction: this.#direction,
      kind: read.kind ?? kind ?? kindOf(type),
      mediaType: type,
      sha256: read.sha256,
      bytes: read.bytes,
      ...referenceOf(read),
      ...(name === null || name === '' || name.length > MAX_NAME ? {} : { name }),
      ...(isKept(read) ? { data: read.data } : {}),
    })
  }
}

function isKept(read: ReadAttachment): read is ReadAttachment & { readonly data: Buffer } {
  return read.data !== null && read.taken === read.data.length
}

/** Of what is only referred to. */
function referenceOf({ reference }: ReadAttachment): Pick<Attachment, 'url' | 'fileId'> {
  if (reference === null) return {}
  return /^[a-z][a-z0-9+.-]*:/i.test(reference) ? { url: reference } : { fileId: reference }
}

function kindOf(mediaType: string | null): AttachmentKind {
  const kind = mediaType?.split('/', 1)[0]?.toLowerCase()
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file'
}
