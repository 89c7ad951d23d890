import { StringDecoder } from 'node:string_decoder'

/**
 * What Envoy's own loggers write, by their default format: time, thread, level, logger,
 * `[file:line]` and a message. A crash adds what was being worked on to the output: whole requests,
 * with their keys, queries and bodies, in lines of other shapes.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/operations/cli#cmdoption-log-format
 */
const LOGGED =
  /^\[\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{1,9}\]\[\d{1,10}\]\[[a-z]{1,16}\]\[[\w .]{1,64}\]/
/** Frames of a crash follow their logger's line: address and symbol. */
const MAX_LINE_UNITS = 4_096

/**
 * Passes on the lines of Envoy's loggers and leaves out every other; what was left out is counted,
 * and said.
 */
export class EnvoyOutput {
  readonly #write: (text: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #line = ''
  #isCut = false
  #leftOut = 0

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  write(bytes: Buffer): void {
    const text = this.#decoder.write(bytes)
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#append(text.slice(from, end))
      this.#end()
      from = end + 1
    }
    this.#append(text.slice(from))
  }

  /** The output has ended. */
  end(): void {
    if (this.#line !== '') this.#end()
    this.#sayLeftOut()
  }

  #append(text: string): void {
    const leftUnits = MAX_LINE_UNITS - this.#line.length
    if (text.length > leftUnits) this.#isCut = true
    this.#line += text.slice(0, Math.max(0, leftUnits))
  }

  #end(): void {
    if (LOGGED.test(this.#line)) {
      this.#sayLeftOut()
      this.#write(`${this.#line}${this.#isCut ? ' …' : ''}\n`)
    } else if (this.#line !== '') this.#leftOut += 1
    this.#line = ''
    this.#isCut = false
  }

  #sayLeftOut(): void {
    if (this.#leftOut > 0)
      this.#write(
        `(${this.#leftOut} lines that are no log were left out: they may hold what was sent)\n`,
      )
    this.#leftOut = 0
  }
}
