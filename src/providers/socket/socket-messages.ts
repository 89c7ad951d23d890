import zlib from 'node:zlib'
import { isWithinInflationLimit } from '../body/inflation-limit.ts'
import { JsonPathScanner } from '../json/path-scanner.ts'
import type { JsonPaths } from '../json/paths.ts'
import type { MessageText } from './socket-text.ts'
import { WebsocketFrames } from './websocket-frames.ts'

/** What ends a compressed message and is left out on the wire (RFC 7692 §7.2.1). */
const FLUSHED = Buffer.from([0x00, 0x00, 0xff, 0xff])
const OUTPUT_BYTES = 4_096

export interface SocketMessagesOptions {
  readonly paths: JsonPaths
  /** Values of a message at the wanted paths; JSON in text and in binary messages alike. */
  readonly onMessage: (values: readonly (string | undefined)[]) => void
  /** An object has begun that the paths group; before the message that holds it. */
  readonly onGroup?: (group: number) => void
  /** Asked before each message; default: all. */
  readonly isWanted?: () => boolean
  /** Takes the text of the messages; null to read none. */
  readonly text?: MessageText | null
}

/**
 * The JSON messages of one direction of a websocket, compressed or not; memory does not grow with
 * them.
 */
export class SocketMessages {
  readonly #frames: WebsocketFrames
  readonly #pick: JsonPathScanner
  readonly #values: (string | undefined)[]
  readonly #onMessage: SocketMessagesOptions['onMessage']
  #inflate: zlib.InflateRaw | null = null
  #compressedBytes = 0
  #inflatedBytes = 0
  /** Writes that the decoder has not worked off. */
  #pending = 0
  #pendingBytes = 0
  #text: MessageText | null
  #isCompressed = false
  #isLost = false
  #isDiscarded = false
  #fault: Error | null = null
  #isClosed = false
  #onIdle: (() => void) | null = null

  constructor({
    paths,
    onMessage,
    onGroup = () => {},
    isWanted = () => true,
    text = null,
  }: SocketMessagesOptions) {
    this.#text = text
    this.#onMessage = onMessage
    this.#values = new Array<string | undefined>(paths.slots).fill(undefined)
    this.#pick = new JsonPathScanner(paths, {
      value: (slot, json) => {
        this.#values[slot] = json ?? undefined
      },
      document: () => {},
      enter: onGroup,
    })
    this.#frames = new WebsocketFrames({
      start: (isCompressed) => {
        this.#isCompressed = isCompressed
        // A window may be shared by all messages, so a compressed one cannot be left out.
        return (
          !this.#isLost &&
          (isCompressed || this.#inflate !== null || this.#text !== null || isWanted())
        )
      },
      data: (bytes) => (this.#isCompressed ? this.#deflated(bytes) : this.#read(bytes)),
      close: () => {
        this.#isClosed = true
      },
      end: () =>
        this.#isCompressed ? this.#deflated(FLUSHED, () => this.#ended()) : this.#ended(),
    })
  }

  /**
   * Something came that is no frame, or no message that could be decoded: what followed was not
   * read.
   */
  get isUnreadable(): boolean {
    return this.#frames.isBroken || (this.#isLost && !this.#isDiscarded)
  }

  /** The sender said that it closes the connection. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** What failed while a message was read; null where nothing did. */
  get fault(): Error | null {
    return this.#fault
  }

  /** All that came was read, and no message is on its way. */
  get isWhole(): boolean {
    return !this.isUnreadable && !this.#isLost && this.#frames.isBetweenMessages
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  write(chunk: Buffer): void {
    this.#frames.write(chunk)
  }

  /** Calls back once the decoder has worked off what came. */
  idle(done: () => void): void {
    if (this.#pending === 0) done()
    else this.#onIdle = done
  }

  /** Text is not read any more. */
  dropText(): void {
    this.#text = null
  }

  discard(): void {
    this.#isDiscarded = !this.#isLost
    this.#lose()
  }

  #deflated(bytes: Buffer, done?: () => void): void {
    if (this.#isLost) return
    const inflate = this.#inflater()
    const copy = Buffer.from(bytes)
    this.#pending += 1
    this.#pendingBytes += copy.length
    this.#compressedBytes += copy.length
    inflate.write(copy, () => {
      if (this.#isLost) return
      if (done !== undefined) this.#guarded(done)
      this.#pending -= 1
      this.#pendingBytes -= copy.length
      this.#settle()
    })
  }

  #inflater(): zlib.InflateRaw {
    if (this.#inflate !== null) return this.#inflate
    const inflate = zlib.createInflateRaw({
      chunkSize: OUTPUT_BYTES,
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
    })
    inflate.on('data', (bytes: Buffer) => {
      this.#inflatedBytes += bytes.length
      if (!isWithinInflationLimit(this.#compressedBytes, this.#inflatedBytes)) this.#lose()
      else this.#guarded(() => this.#read(bytes))
    })
    inflate.on('error', () => this.#lose())
    this.#inflate = inflate
    return inflate
  }

  /**
   * The decoder calls back where no one catches: what fails while reading ends this direction's
   * reading.
   */
  #guarded(read: () => void): void {
    try {
      read()
    } catch (error) {
      this.#fault ??= error instanceof Error ? error : new Error('not an error', { cause: error })
      this.#lose()
    }
  }

  #read(bytes: Buffer): void {
    this.#pick.write(bytes)
    this.#text?.write(bytes)
  }

  #ended(): void {
    const state = this.#pick.end()
    this.#pick.reset()
    this.#text?.end()
    if (state === 'complete') this.#onMessage(this.#values)
    this.#values.fill(undefined)
  }

  /** Damaged or too much: what came so far counts. */
  #lose(): void {
    this.#isLost = true
    this.#inflate?.destroy()
    this.#pending = 0
    this.#pendingBytes = 0
    this.#settle()
  }

  #settle(): void {
    if (this.#pending > 0) return
    const done = this.#onIdle
    this.#onIdle = null
    done?.()
  }
}
