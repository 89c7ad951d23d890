import { JsonPathScanner } from '../json/path-scanner.ts'
import { jsonPaths } from '../json/paths.ts'
import type { AmazonEventSink, MessageHeaders } from './amazon-event-stream.ts'

export interface DocumentSink {
  /** A piece of the document's JSON, in order; to be copied by who keeps it. */
  data(bytes: Buffer, start: number, end: number): void
  /** `isJson`: the payload that the document stood in was what it should be. */
  documentEnd(isJson: boolean): void
}

/** A piece of what a model wrote in a format of its own, base64 in a JSON object. */
const CHUNK = 'chunk'
const PATHS = jsonPaths([], { texts: ['bytes'], groups: [] })
const CLOSE = Buffer.from('}')
const NULL = Buffer.from('null')
const BASE64_GROUP = 4

/**
 * One JSON document of each message. Of a `chunk` it is what the model wrote; of any other event it
 * is the payload under the event's name, which only the headers have and by which AWS's SDKs hand
 * it on as well: `{"contentBlockDelta": …}`. An exception is
 * `{"error":{"type":"throttlingException"}}`, without its message: that may quote the prompt.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
 */
export class AmazonEventDocuments implements AmazonEventSink {
  readonly #sink: DocumentSink
  readonly #bytes: JsonPathScanner
  #kind: 'chunk' | 'named' | 'error' = 'error'
  #hasPayload = false
  /** Base64 that does not make whole bytes yet. */
  #rest = ''

  constructor(sink: DocumentSink) {
    this.#sink = sink
    this.#bytes = new JsonPathScanner(PATHS, {
      value() {},
      document() {},
      text: (_, piece, last) => this.#base64(piece, last),
    })
  }

  message({ messageType, eventType, exceptionType, errorCode }: MessageHeaders): void {
    this.#hasPayload = false
    this.#rest = ''
    if (messageType === 'event' && eventType === CHUNK) {
      this.#kind = 'chunk'
      this.#bytes.reset()
    } else if (messageType === 'event') {
      this.#kind = 'named'
      this.#write(Buffer.from(`{${JSON.stringify(eventType ?? '')}:`))
    } else {
      this.#kind = 'error'
      const type = exceptionType ?? errorCode ?? ''
      this.#write(Buffer.from(JSON.stringify({ error: { type } })))
    }
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.#hasPayload = true
    if (this.#kind === 'chunk') this.#bytes.write(bytes, start, end)
    else if (this.#kind === 'named') this.#sink.data(bytes, start, end)
  }

  messageEnd(): void {
    if (this.#kind === 'named') {
      if (!this.#hasPayload) this.#write(NULL)
      this.#write(CLOSE)
    }
    const isJson = this.#kind !== 'chunk' || !this.#hasPayload || this.#bytes.end() === 'complete'
    this.#sink.documentEnd(isJson)
  }

  #base64(piece: string, last: boolean): void {
    const text = this.#rest + piece
    const whole = last ? text.length : text.length - (text.length % BASE64_GROUP)
    this.#rest = text.slice(whole)
    if (whole > 0) this.#write(Buffer.from(text.slice(0, whole), 'base64'))
  }

  #write(bytes: Buffer): void {
    this.#sink.data(bytes, 0, bytes.length)
  }
}
