import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'
import { addUsage } from '../anthropic-bill.ts'
import { addExtras } from '../billed-sum.ts'
import { type BilledExtras, NO_EXTRAS } from '../exchange-facts.ts'
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

/** Adds up the responses of a socket, and keeps the usage objects they were told by, as many as a record holds. */
export class SocketUsage {
  #usage: TokenUsage | null = null
  #billed: BilledExtras = NO_EXTRAS
  #transcribed: TokenUsage | null = null
  #transcribedSeconds: number | null = null
  #raw = ''
  #isRawWhole = true
  readonly #unknown = new Set<string>()

  response(json: string, { usage, billed, unknown }: UsageReading): void {
    this.#usage = this.#usage === null ? usage : addUsage(this.#usage, usage)
    this.#billed = addExtras(this.#billed, billed)
    this.#told(json, unknown)
  }

  /** What was heard is billed by a model of its own, by tokens or by seconds. */
  transcription(json: string, { usage, billed, unknown }: UsageReading): void {
    if (billed.audioSeconds !== null) this.#transcribedSeconds = (this.#transcribedSeconds ?? 0) + billed.audioSeconds
    else this.#transcribed = this.#transcribed === null ? usage : addUsage(this.#transcribed, usage)
    this.#told(json, unknown)
  }

  facts(
    model: string | null,
    transcriptionModel: string | null,
  ): Pick<AnswerFacts, 'usage' | 'usageSource' | 'usageRaw' | 'billed' | 'unknownUsage'> {
    const unknownUsage = [...this.#unknown]
    const usageRaw = this.#raw === '' || !this.#isRawWhole ? null : `[${this.#raw}]`
    const spoken = this.#usage
    const heard = this.#transcribed
    if (spoken === null && heard === null && this.#transcribedSeconds === null) return { ...NO_ANSWER, usageRaw, unknownUsage }
    const parts = [
      ...(spoken === null ? [] : [{ model, usage: spoken }]),
      ...(heard === null ? [] : [{ model: transcriptionModel, usage: heard }]),
    ]
    // Seconds beside tokens are billed by a rate of another model, and not by this record.
    const isMixed = this.#transcribedSeconds !== null && parts.length > 0
    const terms = isMixed ? ['transcription_seconds'] : []
    const audioSeconds = isMixed ? null : this.#transcribedSeconds
    return {
      usage: parts.reduce((sum: TokenUsage, part, index) => (index === 0 ? part.usage : addUsage(sum, part.usage)), NO_USAGE),
      usageSource: 'provider',
      usageRaw,
      billed: {
        ...this.#billed,
        audioSeconds,
        terms,
        parts: heard === null && audioSeconds === null ? [] : partsOf(parts, transcriptionModel),
      },
      unknownUsage,
    }
  }

  #told(json: string, unknown: readonly string[]): void {
    for (const name of unknown) this.#unknown.add(name)
    const longer = this.#raw === '' ? json : `${this.#raw},${json}`
    // A list that lacks some would not add up.
    if (Buffer.byteLength(longer) + 2 > MAX_RAW_BYTES) this.#isRawWhole = false
    else if (this.#isRawWhole) this.#raw = longer
  }
}

function partsOf(parts: BilledExtras['parts'], transcriptionModel: string | null): BilledExtras['parts'] {
  return parts.length > 0 ? parts : [{ model: transcriptionModel, usage: NO_USAGE }]
}
