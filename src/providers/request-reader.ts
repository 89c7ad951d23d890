import { BodyDecoding } from './body-decoding.ts'
import { jsonPaths } from './json-paths.ts'
import { JsonPick } from './json-pick.ts'
import { jsonWord } from './json-text.ts'

const PATHS = jsonPaths(['model', 'stream'])
const MODEL = 0

export interface RequestReaderOptions {
  readonly contentType: string | null
  readonly contentEncoding: string | null
}

/** Reads from a JSON request what it asks for: the model, and whether the answer is to be a stream. */
export class RequestReader {
  readonly #decoding: BodyDecoding | null
  #model: string | undefined
  #stream: string | undefined

  constructor({ contentType, contentEncoding }: RequestReaderOptions) {
    // Multipart bodies (audio, images) name their model in a form field: not read yet.
    if (contentType !== null && !/json/i.test(contentType)) {
      this.#decoding = null
      return
    }
    const pick = new JsonPick(PATHS, { value: (slot, json) => this.#value(slot, json), document: () => {} })
    this.#decoding = new BodyDecoding({ contentEncoding, incremental: false, onBytes: (bytes) => pick.write(bytes) })
  }

  get model(): string | null {
    return jsonWord(this.#model)
  }

  /** False where a JSON request does not ask for a stream; null while nothing was read. */
  get stream(): boolean | null {
    if (this.#stream !== undefined) return this.#stream === 'true'
    return this.#model === undefined ? null : false
  }

  get pendingBytes(): number {
    return this.#decoding?.pendingBytes ?? 0
  }

  write(chunk: Buffer): void {
    this.#decoding?.write(chunk)
  }

  end(): void {
    this.#decoding?.end()
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
