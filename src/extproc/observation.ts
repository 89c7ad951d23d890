import type { CapturedColumns, ObservationGap } from '../evidence/evidence.ts'
import type { ActiveProviders } from '../providers/active-providers.ts'
import type { ExchangeFacts } from '../providers/reading/exchange-reader.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import { isMadeByEnvoy } from './attributes.ts'
import { CallReader, type CallReaderOptions } from './call-reader.ts'
import type { HeldBytes, Holder } from './held-bytes.ts'
import {
  type ProcessingMessage,
  REQUEST_BODY,
  REQUEST_HEADERS,
  REQUEST_TRAILERS,
  RESPONSE_BODY,
  RESPONSE_HEADERS,
  RESPONSE_TRAILERS,
  readBody,
  readHeaders,
} from './messages.ts'
import type { WriteObservation } from './observation-writer.ts'
import type { ObserverActivity } from './observer-activity.ts'
import { plainRoute, routeOf } from './route.ts'

export interface ObservationOptions extends CallReaderOptions {
  readonly providers: ActiveProviders
  readonly activity: ObserverActivity
  readonly nowMs: () => number
  /** True while a bulky copy of this organisation must be let go of. */
  readonly overloaded: () => boolean
  readonly held: HeldBytes
  readonly append: EvidenceSpool['append']
  readonly write: WriteObservation
  /** Ends Envoy's stream: nothing more is wanted. */
  readonly release: () => void
  /** The observation is written; no one may address it any more. */
  readonly forget: () => void
}

/**
 * While the loop is late, a stream that has moved this much is let go; small calls are cheaper to
 * serve than to drop.
 */
const SHED_OVER_BYTES = 1024 * 1024
/** Compressed bytes waiting for a decoder, per stream. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024
/**
 * Text is written again once it has grown so much, or the spool would hold a long answer many
 * times.
 */
const TEXT_GROWTH = 1.25
/** So much more of an answer is worth a checkpoint before its time. */
const CHECKPOINT_BYTES = 64 * 1024
/** So often, in bytes moved, it is looked what a call holds. */
const WEIGHED_EVERY_BYTES = 64 * 1024

/**
 * One call as the observer sees it: request and answer of one ext_proc stream. A direction is
 * complete only when Envoy said so: headers or a body with end_of_stream, or trailers. How the gRPC
 * stream ends proves nothing.
 */
export class Observation implements Holder {
  readonly #options: ObservationOptions
  readonly #startedAtMs: number
  #method: string | null = null
  #endpoint: string | null = null
  readonly #reading: CallReader
  #status: number | null = null
  #requestBytes = 0
  #responseBytes = 0
  #requestComplete = false
  #responseComplete = false
  #firstByteMs: number | null = null
  #lastByteMs: number | null = null
  #finished = false
  /** Why the observation is not whole, once it is finished. */
  #cause: ObservationGap | null = null
  /**
   * Before both directions were whole: somebody left, or the provider answered without hearing the
   * request out.
   */
  #callEndedEarly = false
  /** Envoy answered in the provider's place: whole or not, the provider's answer it is not. */
  #madeByEnvoy = false
  #checkpoint: Checkpoint = { responseBytes: 0, facts: NO_FACTS, textBytes: 0, captured: null }
  #lastActiveMs: number
  #weighedAtBytes = 0
  #isWritten = false
  #isCapturing = false

  constructor(options: ObservationOptions) {
    this.#options = options
    this.#startedAtMs = options.nowMs()
    this.#lastActiveMs = this.#startedAtMs
    this.#reading = new CallReader(options)
  }

  get org(): string {
    return this.#options.call.org
  }

  get lastActiveMs(): number {
    return this.#lastActiveMs
  }

  message(message: ProcessingMessage): void {
    if (this.#finished) return
    this.#lastActiveMs = this.#options.nowMs()
    switch (message.kind) {
      case REQUEST_HEADERS:
        this.#requestHeaders(message.member)
        break
      case RESPONSE_HEADERS:
        this.#madeByEnvoy = isMadeByEnvoy(message.attributes)
        this.#responseHeaders(message.member)
        break
      case REQUEST_BODY:
        this.#requestBody(message.member)
        break
      case RESPONSE_BODY:
        this.#responseBody(message.member)
        break
      case REQUEST_TRAILERS:
        this.#requestEnded()
        break
      case RESPONSE_TRAILERS:
        this.#responseEnded()
        break
    }
    if (this.#requestComplete && this.#responseComplete) this.finish(null)
    else if (this.#mustShed()) this.shed()
    else this.#weigh()
  }

  /**
   * First the text, then what waits for a decoder, and the observation with it; usage and existence
   * are kept longest.
   */
  letGo(): number {
    if (this.#finished) return 0
    if (!this.#reading.isTextDropped) this.#reading.dropText()
    else this.shed()
    return this.#finished ? 0 : this.#reading.heldBytes
  }

  /** Lets go of the stream to spare the caller, or this process, and says so. */
  shed(): void {
    this.#options.counters.shed += 1
    this.finish('observer_overloaded')
  }

  /**
   * Leaves in the spool what was seen so far, where that is more than it was: should this process
   * be killed, its record still holds it.
   */
  checkpoint(): void {
    const { responseBytes, facts, textBytes, captured } = this.#checkpoint
    // While a text is prepared in its thread, the row that names it is on its way: another must not
    // overtake it.
    if (this.#finished || this.#isCapturing || this.#responseBytes === responseBytes) return
    const textBytesNow = this.#reading.textBytes
    const isTextNews = captured === null || textBytesNow > textBytes * TEXT_GROWTH
    const seen = this.#reading.soFar(isTextNews)
    if (seen === null) return
    const mark = factsMark(seen)
    this.#checkpoint = {
      responseBytes: this.#responseBytes,
      facts: mark,
      textBytes: isTextNews ? textBytesNow : textBytes,
      captured,
    }
    if (!isTextNews && mark === facts) return
    this.#isCapturing = true
    this.#write(seen, 'stream_lost', false, (columns) => {
      this.#isCapturing = false
      this.#checkpoint.captured = columns
    })
  }

  /**
   * Envoy closed or lost the stream; if the call is not complete by now, the rest of the copy will
   * never come.
   */
  streamClosed(): void {
    if (this.#finished) return
    if (!this.#callEndedEarly) this.#options.counters.streamsLost += 1
    this.finish(this.#callEndedEarly ? 'call_ended_early' : 'stream_lost')
  }

  /** What the access log said of this call while its copy was still open. */
  callEnded(status: number | null, early: boolean): void {
    this.#callEndedEarly = early || (this.#responseComplete && !this.#requestComplete)
    // A websocket's frames have no end of their own: a clean close is its completeness.
    if (this.#status === 101 && !early) {
      this.#requestComplete = true
      this.#responseComplete = true
    }
    this.#status ??= status
  }

  /** Writes what was seen and lets go of the stream; the first caller wins. */
  finish(gap: ObservationGap | null): void {
    if (this.#finished) return
    this.#finished = true
    const { activity, held, forget, release, onFault } = this.#options
    activity.finishing += 1
    held.release(this)
    forget()
    try {
      release()
    } catch (error) {
      // Envoy's stream is gone already; the row is written all the same.
      onFault(error)
    }
    // Who closes a websocket says so in a frame, before the connection ends.
    if (this.#status === 101 && this.#reading.isClosed) {
      this.#requestComplete = true
      this.#responseComplete = true
    }
    this.#cause = gap !== null && this.#requestComplete && this.#responseComplete ? null : gap
    if (gap === 'observer_overloaded') this.#reading.discard()
    this.#reading.finish((facts) => this.#close(facts))
  }

  #requestHeaders(member: Uint8Array): void {
    let path = ''
    let contentType: string | null = null
    let contentEncoding: string | null = null
    const ended = readHeaders(member, (name, value) => {
      if (name === ':path') path = value
      else if (name === ':method') this.#method = value
      else if (name === 'content-type') contentType = value
      else if (name === 'content-encoding') contentEncoding = value
    })
    const { providers, call } = this.#options
    const provider = providers.ofRecord(call.provider)
    // Through a mesh the path is the provider's own.
    const route =
      routeOf(path, providers) ?? (provider === undefined ? null : plainRoute(path, provider))
    this.#endpoint = route?.endpoint ?? null
    this.#reading.start({
      provider,
      method: this.#method ?? '',
      endpoint: route?.endpoint ?? '',
      query: route?.query ?? '',
      contentType,
      contentEncoding,
    })
    if (ended) this.#requestEnded()
  }

  #responseHeaders(member: Uint8Array): void {
    const headers = new Map<string, string>()
    const ended = readHeaders(member, (name, value) => headers.set(name, value))
    const status = Number(headers.get(':status'))
    this.#status = Number.isInteger(status) && status > 0 && status <= 999 ? status : null
    this.#firstByteMs = this.#elapsedMs()
    this.#lastByteMs = this.#firstByteMs
    this.#reading.responseStart({
      status,
      contentType: headers.get('content-type') ?? null,
      contentEncoding: headers.get('content-encoding') ?? null,
      header: (name) => headers.get(name),
    })
    if (ended) this.#responseEnded()
  }

  #requestBody(member: Uint8Array): void {
    const { body, endOfStream } = readBody(member)
    this.#requestBytes += body.length
    if (body.length > 0) this.#reading.requestBody(body)
    if (endOfStream) this.#requestEnded()
  }

  #responseBody(member: Uint8Array): void {
    const { body, endOfStream } = readBody(member)
    this.#responseBytes += body.length
    this.#lastByteMs = this.#elapsedMs()
    if (body.length > 0) this.#reading.responseBody(body)
    if (endOfStream) this.#responseEnded()
    else if (this.#responseBytes - this.#checkpoint.responseBytes > CHECKPOINT_BYTES)
      this.checkpoint()
  }

  #requestEnded(): void {
    if (this.#requestComplete) return
    this.#requestComplete = true
    this.#reading.requestEnd()
  }

  #responseEnded(): void {
    if (this.#responseComplete) return
    this.#responseComplete = true
    this.#reading.responseEnd()
  }

  #mustShed(): boolean {
    const movedBytes = this.#requestBytes + this.#responseBytes
    if (movedBytes < SHED_OVER_BYTES) return false
    return this.#options.overloaded() || this.#reading.pendingBytes > MAX_PENDING_BYTES
  }

  #weigh(): void {
    const movedBytes = this.#requestBytes + this.#responseBytes
    if (movedBytes - this.#weighedAtBytes < WEIGHED_EVERY_BYTES) return
    this.#weighedAtBytes = movedBytes
    this.#options.held.hold(this, this.#reading.heldBytes)
  }

  #elapsedMs(): number {
    return this.#options.nowMs() - this.#startedAtMs
  }

  #close(facts: ExchangeFacts | null): void {
    if (this.#isWritten) return
    this.#isWritten = true
    this.#options.counters.observed += 1
    this.#options.activity.finishing -= 1
    // Where what was read cannot be written, that the call was, can.
    if (!this.#tryToWrite(facts, this.#reading.failed)) this.#tryToWrite(null, true)
  }

  #tryToWrite(facts: ExchangeFacts | null, failed: boolean): boolean {
    try {
      this.#write(facts, this.#cause ?? (failed ? 'reading_failed' : null), true, () => {})
      return true
    } catch (error) {
      this.#options.onFault(error)
      this.#options.counters.readingFailed += 1
      return false
    }
  }

  #write(
    facts: ExchangeFacts | null,
    gap: ObservationGap | null,
    final: boolean,
    written: (columns: CapturedColumns) => void,
  ): void {
    const { call, write, append } = this.#options
    const seen = {
      method: this.#method,
      endpoint: this.#endpoint,
      status: this.#status,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      requestComplete: this.#requestComplete,
      responseComplete: this.#responseComplete && !this.#madeByEnvoy,
      gap: gap ?? (this.#madeByEnvoy ? 'call_ended_early' : (facts?.unreadable ?? null)),
      lastByteMs: this.#lastByteMs,
      firstByteMs: this.#firstByteMs,
    }
    write(call, seen, { facts, final, captured: this.#checkpoint.captured }, append, written)
  }
}

interface Checkpoint {
  readonly responseBytes: number
  readonly facts: string
  readonly textBytes: number
  /** What the last one said of the text: it is not written again before it has grown. */
  captured: CapturedColumns | null
}

const NO_FACTS = JSON.stringify([null, null, null, null])

/** What of an answer's facts is worth a checkpoint. */
function factsMark({ model, finishReason, usageRaw, streamError }: ExchangeFacts): string {
  return JSON.stringify([model, finishReason, streamError, usageRaw])
}
