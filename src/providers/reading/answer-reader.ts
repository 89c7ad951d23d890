import { BodyDecoding } from '../body/body-decoding.ts'
import { type AnswerSaid, AnswerText, type AnswerTextOptions } from '../text/answer-text.ts'
import { AttachedBody } from '../text/attached-body.ts'
import {
  type AnswerContext,
  type AnswerFacts,
  type AnswerParser,
  NO_ANSWER,
  type WireFormat,
} from '../wire-format.ts'
import { AnswerBody, type Framing } from './answer-body.ts'
import type { Unreadable } from './exchange-facts.ts'

export interface AnswerReaderOptions {
  readonly format: WireFormat
  readonly start: {
    readonly status: number
    readonly contentType: string | null
    readonly contentEncoding: string | null
    header(name: string): string | undefined
  }
  /** Path as the provider sees it, without query. */
  readonly endpoint: string
  /** The path asked for a stream. */
  readonly streamed: boolean
  /** How to read its text; null to read none. */
  readonly text: AnswerTextOptions | null
  /** Sees the decoded body of a stream. */
  readonly onStreamBytes?: ((bytes: Buffer) => void) | undefined
}

export const NO_ANSWER_TEXT: AnswerSaid = {
  completion: null,
  toolCalls: [],
  attachments: [],
  messages: [],
}
const PARTIAL_CONTENT = 206

/**
 * Reads one answer's body by its wire format. The body of a refusal is not read: nothing in it is
 * on the bill.
 */
export class AnswerReader {
  readonly succeeded: boolean
  readonly #format: WireFormat
  /** The path asked for a stream. */
  readonly #isAsked: boolean
  readonly #framing: Framing | null
  readonly #isTyped: boolean
  readonly #isRange: boolean
  readonly #head: Omit<AnswerContext, 'streamed'>
  #reading: AnswerParser | null = null
  readonly #body: AnswerBody | null = null
  readonly #decoding: BodyDecoding | null = null
  #text: Pick<AnswerText, 'bytes' | 'result'> | null = null
  #complete = false
  #sawBytes = false
  #bytes = 0
  #endBytes: number | null = null
  #fault: Error | null = null
  #unreadable: Unreadable | null = null

  constructor({
    format,
    start,
    endpoint,
    streamed,
    text,
    onStreamBytes = () => {},
  }: AnswerReaderOptions) {
    this.#format = format
    this.#head = { endpoint, header: (name) => start.header(name) }
    this.#isRange = start.status === PARTIAL_CONTENT
    this.succeeded = start.status >= 200 && start.status < 300
    const framing = format.lines === true ? 'lines' : framingOf(start.contentType)
    this.#isAsked = streamed
    this.#framing = framing
    this.#isTyped = start.contentType !== null
    if (!this.succeeded) return
    if (!format.expectsJson && framing === null && start.contentType !== null) {
      const kind = text?.format.bodyKind?.(start.contentType) ?? null
      if (text === null || kind === null) return
      const attached = new AttachedBody(
        { kind, mediaType: start.contentType },
        text.attachmentBudget,
      )
      this.#text = attached
      this.#decoding = new BodyDecoding({
        contentEncoding: start.contentEncoding,
        incremental: false,
        onBytes: (bytes) => attached.write(bytes),
        onEnd: (broken) => attached.ended(broken),
      })
      return
    }
    const answerText = text === null ? null : new AnswerText(text, () => this.streamed)
    const body = new AnswerBody({
      paths: format.answerPaths,
      framing,
      onDocument: (values) => this.#document(values),
      onPart: (values, group) => this.#begun().part?.(values, group),
      text: answerText,
    })
    this.#text = answerText
    this.#body = body
    this.#decoding = new BodyDecoding({
      contentEncoding: start.contentEncoding,
      incremental: streamed || isStream(framing),
      onBytes: (bytes) => {
        body.write(bytes)
        this.#sawBytes = true
        this.#noteEnd(body)
        if (this.streamed) onStreamBytes(bytes)
      },
      onEnd: (broken) => this.#ended(body, broken),
    })
  }

  get streamed(): boolean {
    return this.succeeded && (this.#isAsked || isStream(this.#body?.framing ?? this.#framing))
  }

  /** Surely no stream: its content type says so. */
  get isPlain(): boolean {
    return !this.#isAsked && !isStream(this.#framing) && this.#isTyped
  }

  /** Something of the body could be read. */
  get isRead(): boolean {
    return this.#reading !== null
  }

  get unreadable(): Unreadable | null {
    return this.#fault === null ? this.#unreadable : 'reading_failed'
  }

  /** What failed while the body was read; null where nothing did. */
  get fault(): Error | null {
    return this.#fault
  }

  get pendingBytes(): number {
    return this.#decoding?.pendingBytes ?? 0
  }

  get textBytes(): number {
    return this.#text?.bytes ?? 0
  }

  /** The answer came to its own end. */
  get isWhole(): boolean {
    return (this.#complete && this.#unreadable === null) || this.#body?.done === true
  }

  /**
   * Bytes of the body up to the protocol's last event, to the end of the piece that it came in; null
   * while there was none.
   */
  get endBytes(): number | null {
    return this.#endBytes
  }

  write(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#decoding?.write(chunk)
  }

  end(complete: boolean): void {
    // A range of a body is not the whole of it.
    this.#complete = complete && !this.#isRange
    this.#decoding?.end()
  }

  finish(done: () => void): void {
    const finished = (fault: Error | null) => {
      this.#fault = fault
      done()
    }
    if (this.#decoding === null) finished(null)
    else this.#decoding.finish(finished)
  }

  discard(): void {
    this.#decoding?.discard()
  }

  /** Text is not kept any more. */
  dropText(): void {
    this.#text = null
    this.#body?.dropText()
  }

  facts(): AnswerFacts {
    return this.#reading?.facts(this.#complete || this.#body?.done === true) ?? NO_ANSWER
  }

  /** The text, once the body was read. */
  said(): AnswerSaid {
    return this.#text?.result(this.isWhole) ?? NO_ANSWER_TEXT
  }

  /**
   * The reading begins with the first document: only then is it sure whether they come in a stream.
   */
  #document(values: readonly (string | undefined)[]): void {
    this.#begun().document(values)
  }

  #noteEnd(body: AnswerBody): void {
    if (!body.done && this.#reading?.isOver !== true) this.#endBytes = null
    else this.#endBytes ??= this.#bytes
  }

  #begun(): AnswerParser {
    this.#reading ??= this.#format.createAnswer({ ...this.#head, streamed: this.streamed })
    return this.#reading
  }

  #ended(body: AnswerBody, broken: boolean): void {
    body.end(this.#complete)
    // An encoding that is unknown here was read as it stands: what came of that shows whether it
    // was one.
    const isEncoded = this.#decoding?.isKnown === false && this.#sawBytes && this.#reading === null
    if (isEncoded) this.#unreadable = 'unreadable_encoding'
    else if (this.#format.expectsJson && (body.damaged || broken))
      this.#unreadable = 'unreadable_body'
    if (this.#format.readsHeaders === true) this.#begun()
  }
}

function isStream(framing: Framing | null): boolean {
  return framing === 'sse' || framing === 'amazon-events'
}

/** Null where the content type says nothing: the first byte does. */
function framingOf(contentType: string | null): Framing | null {
  if (contentType === null) return null
  if (/event-stream/i.test(contentType)) return 'sse'
  if (/vnd\.amazon\.eventstream/i.test(contentType)) return 'amazon-events'
  return /json/i.test(contentType) ? 'json' : null
}
