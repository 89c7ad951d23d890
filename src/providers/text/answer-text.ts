import { JsonPick } from '../json/pick.ts'
import { AttachmentGathering } from './attachment-gathering.ts'
import type { AttachmentRoom } from './attachment-room.ts'
import { CompletionGathering } from './completion-gathering.ts'
import type { ExchangeText } from './exchange-text.ts'
import type { AnswerTextFormat, AnswerWordsReading } from './text-format.ts'
import { ToolCallGathering } from './tool-call-gathering.ts'

/** Arguments that are an object of the answer (Anthropic, Gemini) rather than a string in it. */
const MAX_VALUE_BYTES = 4 * 1024 * 1024

/** What an answer said, besides what its request asked. */
export type AnswerSaid = Omit<ExchangeText, 'prompt'>

export interface AnswerTextOptions {
  readonly format: AnswerTextFormat
  readonly maxTextBytes: number
  readonly attachmentRoom: AttachmentRoom
}

/** Reads the words out of an answer's documents, beside the reading of its usage. */
export class AnswerText {
  readonly #pick: JsonPick
  readonly #attachments: AttachmentGathering
  readonly #createReading: () => AnswerWordsReading
  #reading: AnswerWordsReading | null = null
  /** Groups whose end has not come. */
  readonly #open: number[] = []

  /** `streamed` is asked for when the first value comes. */
  constructor({ format, maxTextBytes, attachmentRoom }: AnswerTextOptions, streamed: () => boolean) {
    const attachments = new AttachmentGathering('response', attachmentRoom)
    this.#attachments = attachments
    const spare = () => ({ completion: new CompletionGathering(maxTextBytes), toolCalls: new ToolCallGathering() })
    this.#createReading = () => format.createReading({ ...spare(), attachments, spare }, streamed())
    this.#pick = new JsonPick(
      format.paths,
      {
        value: (slot, json) => {
          if (json !== null) this.#read().value(slot, json)
        },
        text: (text, piece, last) => this.#read().text(text, piece, last),
        enter: (group) => {
          this.#open.push(group)
          this.#read().enter(group)
        },
        leave: (group) => {
          this.#open.pop()
          this.#read().leave(group, false)
        },
        document: () => this.#read().document(),
      },
      { elements: true, maxValueBytes: MAX_VALUE_BYTES },
    )
  }

  get bytes(): number {
    const words = this.#reading?.words()
    return words === undefined ? 0 : words.completion.bytes + words.toolCalls.bytes
  }

  write(bytes: Buffer, start = 0, end = bytes.length): void {
    this.#pick.write(bytes, start, end)
  }

  /** The document ends here, whole or cut short; another may follow. */
  end(): void {
    if (this.#pick.end() === 'truncated') {
      for (let group = this.#open.pop(); group !== undefined; group = this.#open.pop()) this.#read().leave(group, true)
      this.#read().document()
    }
    this.#attachments.documentEnded()
    this.#open.length = 0
    this.#pick.reset()
  }

  /** `complete`: the answer came to its own end. */
  result(complete: boolean): AnswerSaid {
    const words = this.#reading?.words()
    return {
      completion: words?.completion.result(complete) ?? null,
      toolCalls: words?.toolCalls.result() ?? [],
      attachments: this.#attachments.result(complete),
    }
  }

  #read(): AnswerWordsReading {
    this.#reading ??= this.#createReading()
    return this.#reading
  }
}
