import { type BilledCall, type BilledShare, NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'
import type { JsonPaths } from '../json/paths.ts'
import type { SocketTextFormat } from '../text/socket-text-format.ts'
import { addExtras, addPart, addUsage, countsOf, MIXED_TERMS } from '../usage/billed-sum.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'
import { type AnswerFacts, NO_ANSWER } from '../wire-format.ts'
import { SocketTurns } from './socket-turns.ts'

/**
 * Reads the messages of one socket; values come in the slots of the format's paths, as JSON text.
 */
export interface SocketParser {
  fromServer(values: readonly (string | undefined)[]): void
  fromClient(values: readonly (string | undefined)[]): void
  /** An object of the server's message has begun that `serverPaths` group, by its number. */
  serverEntered?(group: number): void
  /**
   * The model that the client asked for in a message; null while it named none. Its other messages
   * are not read.
   */
  readonly requestModel: string | null
  /** Every answer that was begun has ended, and there was one. */
  readonly isOver: boolean
  /** Sound or pictures came whose bytes are not kept. */
  readonly hasMedia: boolean
  readonly turns: Pick<SocketTurns, 'count' | 'usageJson'>
  facts(): AnswerFacts
}

/** The knowledge of one provider's websocket. */
export interface SocketFormat {
  readonly name: string
  readonly serverPaths: JsonPaths
  readonly clientPaths: JsonPaths
  readonly text: SocketTextFormat
  /** `model`: as the URL names it. */
  createParser(model: string | null): SocketParser
}

const MAX_RAW_BYTES = 8_192
/** A session has one model that answers and one that transcribes, or changes them now and then. */
const MAX_MODELS = 16

/** What one model heard: tokens and seconds add up apart. */
interface Heard {
  usage: TokenUsage | null
  seconds: number | null
}

/**
 * Adds up the responses of a socket, and keeps the usage objects they came in, as many as a
 * record holds.
 */
export class SocketUsage {
  readonly turns = new SocketTurns()
  /**
   * By the model of each response, and of an image that a tool made; null where the model is named
   * later.
   */
  readonly #shares = new Map<string | null, BilledShare>()
  #billed: BilledCall = NOTHING_BILLED
  /** By the model that transcribed; null where the session named none. */
  readonly #heard = new Map<string | null, Heard>()
  #raw = ''
  #isRawWhole = true
  readonly #unknown = new Set<string>()

  /** `model`: of this response; null where the session names it later. */
  response(
    json: string,
    { usage, billed, unknown }: ParsedUsage,
    model: string | null = null,
  ): void {
    const whole = {
      model,
      usage,
      counts: countsOf(billed),
      ...(billed.callSizes === null ? {} : { callSizes: billed.callSizes }),
    }
    for (const part of billed.parts.length > 0 ? billed.parts : [whole])
      if (this.#addShare(part)) this.turns.used(part.usage)
    this.#billed = addExtras(this.#billed, billed)
    this.#keepUsage(json, unknown)
  }

  /** What was heard is billed by the model that transcribed it, by tokens or by seconds. */
  transcription(json: string, model: string | null, { usage, billed, unknown }: ParsedUsage): void {
    const known = this.#heard.size < MAX_MODELS || this.#heard.has(model) ? model : null
    const before = this.#heard.get(known) ?? { usage: null, seconds: null }
    if (billed.audioSeconds !== null) before.seconds = (before.seconds ?? 0) + billed.audioSeconds
    else {
      before.usage = before.usage === null ? usage : addUsage(before.usage, usage)
      this.turns.heard(usage)
    }
    this.#heard.set(known, before)
    this.#billed = addExtras(this.#billed, {
      ...NOTHING_BILLED,
      terms: this.#billed.terms,
      unreadUsage: billed.unreadUsage,
    })
    this.#keepUsage(json, unknown)
  }

  /** `model`: of responses that named none; `hasMixedTiers`: they were not all of one tier. */
  facts(
    model: string | null,
    hasMixedTiers = false,
  ): Pick<AnswerFacts, 'usage' | 'usageSource' | 'usageRaw' | 'billed' | 'unknownUsage'> {
    const unknownUsage = [...this.#unknown]
    const usageRaw = this.#raw === '' || !this.#isRawWhole ? null : `[${this.#raw}]`
    const parts: BilledShare[] = [...this.#shares.values()].map((share) => ({
      ...share,
      model: share.model ?? model,
    }))
    for (const [transcriber, { usage, seconds }] of this.#heard) {
      if (usage !== null) parts.push({ model: transcriber, usage })
      if (seconds !== null)
        parts.push({ model: transcriber, usage: NO_USAGE, audioSeconds: seconds })
    }
    if (parts.length === 0) return { ...NO_ANSWER, usageRaw, unknownUsage }
    const counted = parts
      .filter(({ audioSeconds }) => audioSeconds === undefined)
      .map(({ usage }) => usage)
    const [first = NO_USAGE, ...others] = counted
    return {
      usage: others.reduce(addUsage, first),
      usageSource: 'provider',
      usageRaw,
      billed: {
        ...this.#billed,
        terms: hasMixedTiers ? [MIXED_TERMS] : this.#billed.terms,
        parts: parts.length === 1 && this.#heard.size === 0 ? [] : parts,
        callSizes: parts.length === 1 ? (parts[0]?.callSizes ?? null) : null,
      },
      unknownUsage,
    }
  }

  /** False for a share of one model too many. */
  #addShare(part: BilledShare): boolean {
    const before = this.#shares.get(part.model)
    const isKept = before !== undefined || this.#shares.size < MAX_MODELS
    if (isKept) this.#shares.set(part.model, before === undefined ? part : addPart(before, part))
    else this.#billed = { ...this.#billed, unreadUsage: ['model'] }
    return isKept
  }

  #keepUsage(json: string, unknown: readonly string[]): void {
    for (const name of unknown) this.#unknown.add(name)
    const longer = this.#raw === '' ? json : `${this.#raw},${json}`
    // A list that lacks some would not add up.
    if (Buffer.byteLength(longer) + 2 > MAX_RAW_BYTES) this.#isRawWhole = false
    else if (this.#isRawWhole) this.#raw = longer
  }
}
