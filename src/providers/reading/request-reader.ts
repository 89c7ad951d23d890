import { BodyDecoding } from '../body/body-decoding.ts'
import { boundaryOf, MultipartForm } from '../body/multipart-form.ts'
import { beginsLikeJson } from '../json/bytes.ts'
import { namedPaths } from '../json/named-paths.ts'
import { JsonPathScanner } from '../json/path-scanner.ts'
import { jsonPaths } from '../json/paths.ts'
import { JsonUnicode } from '../json/unicode.ts'
import type { AttachmentBudget } from '../text/attachment-budget.ts'
import type { Conversation } from '../text/conversation.ts'
import type { Attachment, PromptText } from '../text/exchange-text.ts'
import type { PromptLayout } from '../text/prompt-layout.ts'
import { PromptParser } from '../text/prompt-parser.ts'
import { modelName } from '../usage/model-name.ts'

const WANTED = namedPaths({ model: 'model', stream: 'stream' })
const PATHS = jsonPaths(WANTED.list)
/** Fields of a form, and how long they may be. */
const NAMES: ReadonlyMap<string, number> = new Map([
  ['model', 256],
  ['stream', 256],
])
const WITH_PROMPT: ReadonlyMap<string, number> = new Map([...NAMES, ['prompt', 65_536]])

export interface RequestReaderOptions {
  readonly contentType: string | null
  readonly contentEncoding: string | null
  /** Where its text stands; null to read none. */
  readonly prompt: {
    readonly layout: PromptLayout
    readonly maxTextBytes: number
    readonly attachmentBudget: AttachmentBudget
  } | null
  /** Sees the decoded body of a JSON request. */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined
}

/** What takes the decoded body, once its first bytes have shown what it is. */
interface Body {
  write(bytes: Buffer): void
  end(): void
  /** The body came to its own end and is none that this can be read from. */
  isUnreadable(): boolean
}

/** A body of another kind (a file, sound): nothing is read from it. */
const OTHER_BODY = { write() {}, end() {}, isUnreadable: () => true }

/**
 * Reads from a JSON or multipart request what it asks for: the model, whether the answer is to be a
 * stream, and on demand its text. A header that names the body falsely does not hide it: the
 * body's own beginning decides.
 */
export class RequestReader {
  readonly #decoding: BodyDecoding
  readonly #contentType: string | null
  readonly #boundary: string | null
  readonly #onBytes: (bytes: Buffer) => void
  #prompt: PromptParser | null
  #body: Body | null = null
  #form: MultipartForm | null = null
  /** Its own end was seen. */
  #complete = false
  /** Nothing more will come, by its own end or because it was cut. */
  #done = false
  #broken = false
  #fault: Error | null = null
  #model: string | undefined
  #stream: string | undefined

  constructor({ contentType, contentEncoding, prompt, onBytes = () => {} }: RequestReaderOptions) {
    this.#contentType = contentType
    // Audio and images come in multipart forms, the model in a field.
    this.#boundary = contentType === null ? null : boundaryOf(contentType)
    this.#onBytes = onBytes
    this.#prompt =
      prompt === null
        ? null
        : new PromptParser(prompt.layout, prompt.maxTextBytes, prompt.attachmentBudget)
    this.#decoding = new BodyDecoding({
      contentEncoding,
      incremental: this.#boundary !== null,
      onBytes: (bytes) => {
        this.#body ??= this.#bodyOf(bytes)
        this.#body.write(bytes)
      },
      onEnd: (broken) => {
        this.#broken = broken
        this.#done = true
        this.#body?.end()
      },
    })
  }

  get model(): string | null {
    return this.#form === null ? modelName(this.#model) : trimmed(this.#form.get('model'))
  }

  /** False where a JSON request does not ask for a stream; null while nothing was read. */
  get stream(): boolean | null {
    if (this.#form !== null) return this.#form.get('stream')?.trim().toLowerCase() === 'true'
    if (this.#stream !== undefined) return this.#stream === 'true'
    return this.#model === undefined ? null : false
  }

  /** The messages, once the body was read; null where no text is read. */
  get conversation(): Conversation | null {
    return this.#done ? (this.#prompt?.conversation ?? null) : null
  }

  get attachments(): readonly Attachment[] {
    return this.#prompt?.attachments ?? []
  }

  /** Of what the answer carries, where the request asks for a format. */
  get answerMediaType(): string | null {
    return this.#prompt?.answerMediaType ?? null
  }

  get pendingBytes(): number {
    return this.#decoding.pendingBytes
  }

  get textBytes(): number {
    return this.#prompt?.bytes ?? 0
  }

  /** What failed while the body was read; null where nothing did. */
  get fault(): Error | null {
    return this.#fault
  }

  /**
   * The body came to its end and could not be read: no JSON, no form, or in an encoding unknown
   * here.
   */
  get isUnreadable(): boolean {
    return (
      this.#fault !== null ||
      (this.#complete && (this.#broken || this.#body?.isUnreadable() === true))
    )
  }

  write(chunk: Buffer): void {
    this.#decoding.write(chunk)
  }

  end(): void {
    this.#complete = true
    this.#decoding.end()
  }

  /** The text, once the body was read; null before, since there may still turn out to be none. */
  prompt(): PromptText | null {
    const isWhole = this.#complete && !this.#broken && this.#fault === null
    if (!this.#done || this.#prompt === null) return null
    const field = this.#form?.get('prompt') ?? null
    if (field !== null) this.#prompt.take(field)
    return this.#prompt.result(isWhole || (field !== null && this.#complete))
  }

  /** Text is not kept any more. */
  dropText(): void {
    this.#prompt = null
  }

  finish(done: () => void): void {
    this.#decoding.finish((fault) => {
      this.#fault = fault
      this.#done = true
      done()
    })
  }

  discard(): void {
    this.#decoding.discard()
  }

  #bodyOf(first: Buffer): Body {
    if (beginsLikeJson(first)) return this.#json()
    if (this.#boundary !== null) return this.#multipart(this.#boundary)
    const isOther = this.#contentType !== null && !/json/i.test(this.#contentType)
    return isOther ? OTHER_BODY : this.#json()
  }

  #multipart(boundary: string): Body {
    const form = new MultipartForm(boundary, this.#prompt === null ? NAMES : WITH_PROMPT)
    this.#form = form
    return { write: (bytes) => form.write(bytes), end() {}, isUnreadable: () => !form.hasParts }
  }

  #json(): Body {
    const pick = new JsonPathScanner(PATHS, {
      value: (slot, json) => this.#value(slot, json),
      document: () => {},
    })
    const unicode = new JsonUnicode((bytes) => {
      pick.write(bytes)
      this.#prompt?.write(bytes)
      this.#onBytes(bytes)
    })
    let isWhole = false
    return {
      write: (bytes) => unicode.write(bytes),
      end() {
        unicode.end()
        const state = pick.end()
        isWhole = state === 'complete' || state === 'empty'
      },
      isUnreadable: () => !isWhole,
    }
  }

  #value(slot: number, json: string | null): void {
    if (slot === WANTED.at.model) this.#model = json ?? undefined
    else this.#stream = json ?? undefined
  }
}

function trimmed(text: string | null): string | null {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? null : trimmed
}
