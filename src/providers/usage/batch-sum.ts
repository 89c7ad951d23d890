import { type BilledCall, type BilledShare, NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE } from '../../evidence/usage.ts'
import { type AnswerFacts, NO_ANSWER } from '../wire-format.ts'
import { addExtras, addPart, addUsage, ownShare } from './billed-sum.ts'
import type { ParsedUsage } from './parsed-usage.ts'

/** What was reported for one call of a batch. */
export interface BatchLine extends ParsedUsage {
  /** Null where the line names none. */
  readonly model: string | null
  /** The provider does not bill it. */
  readonly waived?: boolean
}

/** A batch asks one model or a few. */
const MAX_MODELS = 64
const MAX_UNKNOWN = 16

/** Adds up the calls of a batch, by model. */
export class BatchSum {
  readonly #byModel = new Map<string | null, BilledShare>()
  #billed: BilledCall | null = null
  readonly #unknown = new Set<string>()

  get isEmpty(): boolean {
    return this.#byModel.size === 0
  }

  add({ model, usage, billed, unknown, waived = false }: BatchLine): void {
    if (waived) return
    const parts: readonly BilledShare[] =
      billed.parts.length > 0 ? billed.parts : [ownShare(model, usage, billed)]
    for (const part of parts) this.#addPart(part)
    for (const name of unknown) if (this.#unknown.size < MAX_UNKNOWN) this.#unknown.add(name)
    this.#billed = this.#billed === null ? billed : addExtras(this.#billed, billed)
  }

  #addPart(part: BilledShare): void {
    const model =
      this.#byModel.has(part.model) || this.#byModel.size < MAX_MODELS ? part.model : null
    const before = this.#byModel.get(model)
    this.#byModel.set(model, before === undefined ? { ...part, model } : addPart(before, part))
  }

  /** `complete`: no line is missing; else the sum is only what was seen. */
  facts(complete: boolean): AnswerFacts {
    if (this.isEmpty) return NO_ANSWER
    const [first, ...others] = this.#byModel.values()
    const parts = others.length === 0 ? [] : [...this.#byModel.values()]
    const callSizes = others.length === 0 ? (first?.callSizes ?? null) : null
    return {
      ...NO_ANSWER,
      model: others.length === 0 ? (first?.model ?? null) : null,
      usage: others.reduce((sum, part) => addUsage(sum, part.usage), first?.usage ?? NO_USAGE),
      usageSource: complete ? 'provider' : 'partial',
      serviceTier: 'batch',
      deferred: true,
      billed: { ...(this.#billed ?? NOTHING_BILLED), parts, callSizes },
      unknownUsage: [...this.#unknown],
    }
  }
}
