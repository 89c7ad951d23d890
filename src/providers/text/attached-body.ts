import type { AnswerSaid } from './answer-text.ts'
import { AttachmentAccumulator, type AttachmentNote } from './attachment-accumulator.ts'
import type { AttachmentBudget } from './attachment-budget.ts'

/**
 * An answer whose body is no document but an attachment itself: sound, as `audio/speech` gives it.
 */
export class AttachedBody {
  readonly #attachments: AttachmentAccumulator
  readonly #note: AttachmentNote
  #broken = false

  constructor(note: AttachmentNote, budget: AttachmentBudget) {
    this.#note = note
    this.#attachments = new AttachmentAccumulator('response', budget)
  }

  /** Of text. */
  readonly bytes = 0

  write(bytes: Buffer): void {
    this.#attachments.write(bytes, this.#note)
  }

  /** `broken`: it could not be decoded to its end. */
  ended(broken: boolean): void {
    this.#broken = broken
  }

  /** `complete`: the answer came to its own end; what was cut short is left out. */
  result(complete: boolean): AnswerSaid {
    const attachments = this.#attachments.result(complete && !this.#broken)
    const parts = attachments.map((_, index) => ({ type: 'attachment' as const, index }))
    return {
      completion: null,
      toolCalls: [],
      attachments,
      messages: parts.length === 0 ? [] : [{ role: 'assistant', parts }],
    }
  }
}
