import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'
import { addExtras, addPart, addUsage, countsOf } from '../billed-sum.ts'
import { type BilledExtras, NO_EXTRAS, type UsagePart } from '../exchange-facts.ts'
import type { JsonPaths } from '../json-paths.ts'
import type { UsageReading } from '../openai-usage.ts'
import { type AnswerFacts, NO_ANSWER } from '../wire-format.ts'

/** Reads the messages of one socket; values come in the slots of the format's paths, as JSON text. */
export interface SocketReading {
  fromServer(values: readonly (string | undefined)[]): void
  fromClient(values: readonly (string | undefined)[]): void
  /** Nothing more is wanted of the client. */
  readonly knowsModel: boolean
  facts(): AnswerFacts
}

/** The knowledge of one provider's websocket. */
export interface SocketFormat {
  readonly name: string
  readonly serverPaths: JsonPaths
  readonly clientPaths: JsonPaths
  /** `model`: as the URL names it. */
  createReading(model: string | null): SocketReading
}

const MAX_RAW_BYTES = 8_192
/** A session has one model that transcribes, or changes it now and then. */
const MAX_TRANSCRIBERS = 16

/** What one model heard: tokens and seconds add up apart. */
interface Heard {
  usage: TokenUsage | null
  seconds: number | null
}

/** Adds up the responses of a socket, and keeps the usage objects they were told by, as many as a record holds. */
export class SocketUsage {
  /** The model's own share; its name is known at the end. */
  #own: UsagePart | null = null
  /** Shares of other models, as of an image that a tool made. */
  readonly #others: UsagePart[] = []
  #billed: BilledExtras = NO_EXTRAS
  /** By the model that transcribed; null where the session named none. */
  readonly #heard = new Map<string | null, Heard>()
  #raw = ''
  #isRawWhole = true
  readonly #unknown = new Set<string>()

  response(json: string, { usage, billed, unknown }: UsageReading): void {
    const whole = { model: null, usage, counts: countsOf(billed), ...(billed.callSizes === null ? {} : { callSizes: billed.callSizes }) }
    const [own = whole, ...others] = billed.parts
    this.#own = this.#own === null ? own : addPart(this.#own, own)
    for (const other of others) this.#addOther(other)
    this.#billed = addExtras(this.#billed, billed)
    this.#told(json, unknown)
  }

  /** What was heard is billed by the model that transcribed it, by tokens or by seconds. */
  transcription(json: string, model: string | null, { usage, billed, unknown }: UsageReading): void {
    const known = this.#heard.size < MAX_TRANSCRIBERS || this.#heard.has(model) ? model : null
    const before = this.#heard.get(known) ?? { usage: null, seconds: null }
    if (billed.audioSeconds !== null) before.seconds = (before.seconds ?? 0) + billed.audioSeconds
    else before.usage = before.usage === null ? usage : addUsage(before.usage, usage)
    this.#heard.set(known, before)
    this.#billed = addExtras(this.#billed, { ...NO_EXTRAS, terms: this.#billed.terms, unreadUsage: billed.unreadUsage })
    this.#told(json, unknown)
  }

  /** `model`: of the responses. */
  facts(model: string | null): Pick<AnswerFacts, 'usage' | 'usageSource' | 'usageRaw' | 'billed' | 'unknownUsage'> {
    const unknownUsage = [...this.#unknown]
    const usageRaw = this.#raw === '' || !this.#isRawWhole ? null : `[${this.#raw}]`
    const parts: UsagePart[] = this.#own === null ? [...this.#others] : [{ ...this.#own, model }, ...this.#others]
    for (const [transcriber, { usage, seconds }] of this.#heard) {
      if (usage !== null) parts.push({ model: transcriber, usage })
      if (seconds !== null) parts.push({ model: transcriber, usage: NO_USAGE, audioSeconds: seconds })
    }
    if (parts.length === 0) return { ...NO_ANSWER, usageRaw, unknownUsage }
    const counted = parts.filter(({ audioSeconds }) => audioSeconds === undefined).map(({ usage }) => usage)
    const [first = NO_USAGE, ...others] = counted
    return {
      usage: others.reduce(addUsage, first),
      usageSource: 'provider',
      usageRaw,
      billed: {
        ...this.#billed,
        parts: parts.length === 1 && this.#heard.size === 0 ? [] : parts,
        callSizes: parts.length === 1 ? (this.#own?.callSizes ?? null) : null,
      },
      unknownUsage,
    }
  }

  #addOther(part: UsagePart): void {
    const at = this.#others.findIndex(({ model }) => model === part.model)
    const before = this.#others[at]
    if (before !== undefined) this.#others[at] = addPart(before, part)
    else if (this.#others.length < MAX_TRANSCRIBERS) this.#others.push(part)
    else this.#billed = { ...this.#billed, uncountedFees: ['image_generation'] }
  }

  #told(json: string, unknown: readonly string[]): void {
    for (const name of unknown) this.#unknown.add(name)
    const longer = this.#raw === '' ? json : `${this.#raw},${json}`
    // A list that lacks some would not add up.
    if (Buffer.byteLength(longer) + 2 > MAX_RAW_BYTES) this.#isRawWhole = false
    else if (this.#isRawWhole) this.#raw = longer
  }
}
