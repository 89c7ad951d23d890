import { AmazonEventDocuments } from '../body/amazon-event-documents.ts'
import { AmazonEventReader } from '../body/amazon-event-stream.ts'
import { SseReader } from '../body/sse.ts'
import { OPEN_BRACE, OPEN_BRACKET } from '../json/bytes.ts'
import { JsonPathScanner } from '../json/path-scanner.ts'
import type { JsonState } from '../json/path-sink.ts'
import type { JsonPaths } from '../json/paths.ts'
import type { AnswerText } from '../text/answer-text.ts'

/** How an answer's documents are laid out in its body. */
export type Framing = 'json' | 'sse' | 'lines' | 'amazon-events'

export interface AnswerBodyOptions {
  readonly paths: JsonPaths
  /**
   * Named by the content type, unless the first byte says otherwise; null to tell by that alone.
   */
  readonly framing: Framing | null
  readonly onDocument: (values: readonly (string | undefined)[]) => void
  /** An element of a list that the paths group has ended. */
  readonly onPart?: (values: readonly (string | undefined)[], group: number) => void
  /** Reads the text of the same documents; null where none is wanted. */
  readonly text: AnswerText | null
}

/** The end mark of OpenAI's streams: not JSON, and followed by nothing of interest. */
const DONE = Buffer.from('[DONE]')
const LF = 0x0a
/** How a page of HTML begins: no event stream, and no JSON either. */
const LESS_THAN = 0x3c

/**
 * Cuts a decoded answer into documents and picks their wanted values; memory does not grow with the
 * body.
 */
export class AnswerBody {
  readonly #onDocument: AnswerBodyOptions['onDocument']
  readonly #onPart: AnswerBodyOptions['onPart']
  readonly #pick: JsonPathScanner
  #text: AnswerText | null
  readonly #values: (string | undefined)[]
  #framing: Framing | null
  #isSniffed = false
  /** Nothing but comments may come of a stream that is kept open. */
  #mayBeSilent = true
  #hasEvent = false
  #sse: SseReader | null = null
  #amazonEvents: AmazonEventReader | null = null
  #hasValues = false
  /** Slots filled since a part began; null outside of one. */
  #partSlots: number[] | null = null
  #damaged = false
  #done = false
  /** How much of `[DONE]` the event's data matches so far; -1 once it does not. */
  #doneMatched = 0

  constructor({ paths, framing, onDocument, onPart, text }: AnswerBodyOptions) {
    this.#text = text
    this.#onDocument = onDocument
    this.#onPart = onPart
    this.#framing = framing
    this.#values = new Array<string | undefined>(paths.slots).fill(undefined)
    const sink = {
      value: (slot: number, json: string | null) => this.#value(slot, json),
      // What a message of Amazon's says counts once its checksum has come.
      document: () => {
        if (this.#framing !== 'amazon-events') this.#document()
      },
      enter: () => {
        this.#partSlots = []
      },
      leave: (group: number) => this.#part(group),
    }
    // One element of a root array is a document of its own: Gemini's stream without `alt=sse`, and
    // its errors.
    this.#pick = new JsonPathScanner(paths, sink, { elements: true })
  }

  /** A wanted value was too long, or something was not JSON. */
  get damaged(): boolean {
    return this.#damaged
  }

  /** Null until the first byte has come, where no content type names it. */
  get framing(): Framing | null {
    return this.#framing
  }

  /** The stream said that it is over. */
  get done(): boolean {
    return this.#done
  }

  write(bytes: Buffer): void {
    if (!this.#isSniffed) this.#sniff(bytes)
    if (this.#framing === 'sse') this.#sseReader().write(bytes)
    else if (this.#framing === 'amazon-events') this.#amazonMessages(bytes)
    else if (this.#framing === 'lines') this.#lines(bytes)
    else if (this.#framing === 'json') {
      this.#pick.write(bytes)
      this.#text?.write(bytes)
    }
  }

  /** Text is not read any more. */
  dropText(): void {
    this.#text = null
  }

  /**
   * The body ended; `complete` when it came to its own end, so that a value cut short is damage.
   */
  end(complete: boolean): void {
    if (this.#sse) {
      const before = this.#damaged
      this.#sse.end()
      // An aborted stream may stop in the middle of an event.
      if (!complete) this.#damaged = before
      // Text that only begins like a stream, such as `internal error`.
      else if (!this.#hasEvent && !this.#mayBeSilent) this.#damaged = true
      return
    }
    if (this.#amazonEvents) {
      // A message without its end says nothing: whether it is right is not known.
      if (complete && !this.#amazonEvents.isBetweenMessages) this.#damaged = true
      return
    }
    this.#close(this.#pick.end(), complete)
    this.#text?.end()
  }

  /**
   * Gateways and compatible hosts label a JSON error as an event stream, and a stream as JSON: no
   * field of an event stream begins with a bracket, and no JSON document with the first letter of
   * such a field.
   */
  #sniff(bytes: Buffer): void {
    const guess = guessFraming(bytes)
    if (guess === null) return
    this.#isSniffed = true
    this.#mayBeSilent = guess.isComment
    if (this.#framing === null) this.#framing = guess.framing
    else if (guess.isSure && this.#framing !== 'lines') this.#framing = guess.framing
  }

  #lines(bytes: Buffer): void {
    let at = 0
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, at)) {
      this.#pick.write(bytes, at, end)
      this.#close(this.#pick.end(), true)
      this.#pick.reset()
      at = end + 1
    }
    this.#pick.write(bytes, at)
  }

  #sseReader(): SseReader {
    this.#sse ??= new SseReader({
      data: (bytes, start, end) => this.#data(bytes, start, end),
      event: () => this.#event(),
    })
    return this.#sse
  }

  #amazonMessages(bytes: Buffer): void {
    this.#amazonEvents ??= new AmazonEventReader(
      new AmazonEventDocuments({
        data: (piece, start, end) => {
          this.#pick.write(piece, start, end)
          this.#text?.write(piece, start, end)
        },
        documentEnd: (isJson) => this.#amazonDocument(isJson),
      }),
    )
    this.#amazonEvents.write(bytes)
    if (this.#amazonEvents.isBroken) this.#damaged = true
  }

  #amazonDocument(isJson: boolean): void {
    if (!isJson) this.#damaged = true
    const state = this.#pick.end()
    if (state === 'complete') this.#document()
    else this.#close(state, true)
    this.#pick.reset()
    this.#text?.end()
  }

  #data(bytes: Buffer, start: number, end: number): void {
    if (this.#doneMatched >= 0) {
      let at = start
      while (at < end && bytes[at] === DONE[this.#doneMatched]) {
        this.#doneMatched++
        at++
      }
      if (at < end) this.#doneMatched = -1
    }
    this.#pick.write(bytes, start, end)
    this.#text?.write(bytes, start, end)
  }

  #event(): void {
    this.#hasEvent = true
    if (this.#doneMatched === DONE.length) this.#done = true
    else this.#close(this.#pick.end(), true)
    this.#doneMatched = 0
    this.#pick.reset()
    this.#text?.end()
  }

  /**
   * A document that was cut short still gives what was whole in it; one that is not JSON gives
   * nothing.
   */
  #close(state: JsonState, complete: boolean): void {
    if (state === 'malformed' || (state === 'truncated' && complete)) this.#damaged = true
    if (state === 'truncated') this.#document()
    else this.#clear()
  }

  #value(slot: number, json: string | null): void {
    if (json === null) {
      this.#damaged = true
      return
    }
    this.#values[slot] = json
    this.#hasValues = true
    this.#partSlots?.push(slot)
  }

  /** What a part reported is its own: the next one does not have it. */
  #part(group: number): void {
    this.#onPart?.(this.#values, group)
    for (const slot of this.#partSlots ?? []) this.#values[slot] = undefined
    this.#partSlots = null
  }

  #document(): void {
    if (!this.#hasValues) return
    this.#onDocument(this.#values)
    this.#clear()
  }

  #clear(): void {
    if (!this.#hasValues) return
    this.#values.fill(undefined)
    this.#hasValues = false
  }
}

interface Guess {
  readonly framing: Framing
  /** No body of the other kind begins like this. */
  readonly isSure: boolean
  readonly isComment: boolean
}

/** Null while there is only white space. */
function guessFraming(bytes: Buffer): Guess | null {
  for (const byte of bytes) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue
    // The length of a message below 16 MiB.
    if (byte === 0) return { framing: 'amazon-events', isSure: false, isComment: false }
    // `data:`, `event:`, `id:`, `retry:` or a comment; all else is for the JSON reader to accept or
    // refuse.
    if (byte === 0x64 || byte === 0x65 || byte === 0x69 || byte === 0x72 || byte === 0x3a)
      return { framing: 'sse', isSure: true, isComment: byte === 0x3a }
    return {
      framing: 'json',
      isSure: byte === OPEN_BRACE || byte === OPEN_BRACKET || byte === LESS_THAN,
      isComment: false,
    }
  }
  return null
}
