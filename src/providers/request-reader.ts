import { BodyDecoding } from './body-decoding.ts'
import { jsonPaths } from './json-paths.ts'
import { JsonPick } from './json-pick.ts'
import { jsonWord } from './json-text.ts'
import { boundaryOf, MultipartForm } from './multipart-form.ts'
import type { AttachmentRoom } from './text/attachment-room.ts'
import type { Attachment, PromptText } from './text/exchange-text.ts'
import type { PromptLayout } from './text/prompt-layout.ts'
import { PromptReading } from './text/prompt-reading.ts'

const PATHS = jsonPaths(['model', 'stream'])
const MODEL = 0

export interface RequestReaderOptions {
  readonly contentType: string | null
  readonly contentEncoding: string | null
  /** Where its words stand; null to read none. */
  readonly prompt: { readonly layout: PromptLayout; readonly maxTextBytes: number; readonly attachmentRoom: AttachmentRoom } | null
  /** Sees the decoded body of a JSON request. */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined
}

/** Reads from a JSON or multipart request what it asks for: the model, whether the answer is to be a stream, and on demand its words. */
export class RequestReader {
  readonly #decoding: BodyDecoding | null
  readonly #prompt: PromptReading | null = null
  /** Its own end was seen. */
  #complete = false
  #broken = false
  #form: MultipartForm | null = null
  #model: string | undefined
  #stream: string | undefined

  constructor({ contentType, contentEncoding, prompt, onBytes = () => {} }: RequestReaderOptions) {
    // Audio and images come in multipart forms, the model in a field.
    const boundary = contentType === null ? null : boundaryOf(contentType)
    if (boundary !== null) {
      const form = new MultipartForm(boundary, ['model', 'stream'])
      this.#form = form
      this.#decoding = new BodyDecoding({ contentEncoding, incremental: true, onBytes: (bytes) => form.write(bytes) })
      return
    }
    if (contentType !== null && !/json/i.test(contentType)) {
      this.#decoding = null
      return
    }
    const pick = new JsonPick(PATHS, { value: (slot, json) => this.#value(slot, json), document: () => {} })
    const words = prompt === null ? null : new PromptReading(prompt.layout, prompt.maxTextBytes, prompt.attachmentRoom)
    this.#prompt = words
    this.#decoding = new BodyDecoding({
      contentEncoding,
      incremental: false,
      onBytes(bytes) {
        pick.write(bytes)
        words?.write(bytes)
        onBytes(bytes)
      },
      onEnd: (broken) => {
        this.#broken = broken
      },
    })
  }

  get model(): string | null {
    return this.#form === null ? (jsonWord(this.#model)?.replace(/^models\//, '') ?? null) : wordOf(this.#form.get('model'))
  }

  /** False where a JSON request does not ask for a stream; null while nothing was read. */
  get stream(): boolean | null {
    if (this.#form !== null) return this.#form.get('stream')?.trim().toLowerCase() === 'true'
    if (this.#stream !== undefined) return this.#stream === 'true'
    return this.#model === undefined ? null : false
  }

  get attachments(): readonly Attachment[] {
    return this.#prompt?.attachments ?? []
  }

  /** Of what the answer carries, where the request asks for a format. */
  get answerMediaType(): string | null {
    return this.#prompt?.answerMediaType ?? null
  }

  get pendingBytes(): number {
    return this.#decoding?.pendingBytes ?? 0
  }

  get textBytes(): number {
    return this.#prompt?.bytes ?? 0
  }

  write(chunk: Buffer): void {
    this.#decoding?.write(chunk)
  }

  end(): void {
    this.#complete = true
    this.#decoding?.end()
  }

  /** The words, once the body was read. Called once. */
  prompt(): PromptText | null {
    return this.#prompt?.result(this.#complete && !this.#broken) ?? null
  }

  finish(done: () => void): void {
    if (this.#decoding === null) done()
    else this.#decoding.finish(done)
  }

  discard(): void {
    this.#decoding?.discard()
  }

  #value(slot: number, json: string | null): void {
    if (slot === MODEL) this.#model = json ?? undefined
    else this.#stream = json ?? undefined
  }
}

function wordOf(text: string | null): string | null {
  const word = text?.trim() ?? ''
  return word === '' ? null : word
}
