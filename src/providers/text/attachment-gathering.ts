import { jsonWord } from '../json-text.ts'
import { AttachmentReading, type ReadAttachment } from './attachment-reading.ts'
import type { Attachment, AttachmentKind } from './exchange-text.ts'
import type { AttachmentPlace } from './prompt-layout.ts'

const MAX_ATTACHMENTS = 256

/** Gathers what is attached to a request, part by part. */
export class AttachmentGathering {
  readonly #attachments: Attachment[] = []
  /** Of the part that is being read: its media type may come after its bytes. */
  #read: ReadAttachment[] = []
  #reading: AttachmentReading | null = null
  readonly #maxBytes: number
  #keptBytes = 0

  /** Bytes of all attachments that are kept, decoded. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Held now. */
  get bytes(): number {
    return this.#keptBytes + (this.#reading?.keptBytes ?? 0)
  }

  get attachments(): readonly Attachment[] {
    return this.#attachments
  }

  append(place: AttachmentPlace, text: string, last: boolean): void {
    if (this.#attachments.length + this.#read.length >= MAX_ATTACHMENTS) return
    this.#reading ??= new AttachmentReading(place, this.#maxBytes - this.#keptBytes)
    this.#reading.write(text)
    if (!last) return
    const read = this.#reading.end()
    this.#keptBytes += read.data?.length ?? 0
    this.#read.push(read)
    this.#reading = null
  }

  /** The part ends; what was cut within it is left out. */
  settle(mediaTypeJson: string | undefined): void {
    this.#reading = null
    if (this.#read.length === 0) return
    for (const { kind, mediaType, sha256, bytes, data } of this.#read) {
      const type = mediaType ?? jsonWord(mediaTypeJson)
      this.#attachments.push({ kind: kind ?? kindOf(type), mediaType: type, sha256, bytes, ...(data === null ? {} : { data }) })
    }
    this.#read = []
  }
}

function kindOf(mediaType: string | null): AttachmentKind {
  const kind = mediaType?.split('/', 1)[0]?.toLowerCase()
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file'
}
