import { JsonPathScanner } from '../json/path-scanner.ts'
import { answerMessages } from './answer-messages.ts'
import { AttachmentAccumulator } from './attachment-accumulator.ts'
import type { AttachmentBudget } from './attachment-budget.ts'
import { CompletionAccumulator } from './completion-accumulator.ts'
import type { Message } from './conversation.ts'
import type { ExchangeText } from './exchange-text.ts'
import { OtherParts } from './other-parts.ts'
import type { AnswerTextFormat, AnswerTextParser } from './text-format.ts'
import { ToolCallAccumulator } from './tool-call-accumulator.ts'

/** Arguments that are an object of the answer (Anthropic, Gemini) rather than a string in it. */
const MAX_VALUE_BYTES = 4 * 1024 * 1024

/** What an answer said, besides what its request asked. */
export interface AnswerSaid extends Omit<ExchangeText, 'prompt' | 'conversation'> {
  readonly messages: readonly Message[]
}

export interface AnswerTextOptions {
  readonly format: AnswerTextFormat
  readonly maxTextBytes: number
  readonly attachmentBudget: AttachmentBudget
}

/** Reads the text out of an answer's documents, beside the reading of its usage. */
export class AnswerText {
  readonly #pick: JsonPathScanner
  readonly #attachments: AttachmentAccumulator
  readonly #isByChoice: boolean
  readonly #createParser: () => AnswerTextParser
  #reading: AnswerTextParser | null = null
  /** Groups whose end has not come. */
  readonly #open: number[] = []

  /** `streamed` is asked for when the first value comes. */
  constructor(
    { format, maxTextBytes, attachmentBudget }: AnswerTextOptions,
    streamed: () => boolean,
  ) {
    const attachments = new AttachmentAccumulator('response', attachmentBudget)
    this.#attachments = attachments
    this.#isByChoice = format.isByChoice === true
    const spare = () => ({
      completion: new CompletionAccumulator(maxTextBytes),
      toolCalls: new ToolCallAccumulator(),
      others: new OtherParts(),
    })
    this.#createParser = () => format.createParser({ ...spare(), attachments, spare }, streamed())
    this.#pick = new JsonPathScanner(
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
    const answer = this.#reading?.accumulated()
    return answer === undefined ? 0 : answer.completion.bytes + answer.toolCalls.bytes
  }

  write(bytes: Buffer, start = 0, end = bytes.length): void {
    this.#pick.write(bytes, start, end)
  }

  /** The document ends here, whole or cut short; another may follow. */
  end(): void {
    if (this.#pick.end() === 'truncated') {
      for (let group = this.#open.pop(); group !== undefined; group = this.#open.pop())
        this.#read().leave(group, true)
      this.#read().document()
    }
    this.#attachments.documentEnded()
    this.#open.length = 0
    this.#pick.reset()
  }

  /** `complete`: the answer came to its own end. */
  result(complete: boolean): AnswerSaid {
    const answer = this.#reading?.accumulated()
    const attachments = this.#attachments.result(complete)
    if (answer === undefined) return { completion: null, toolCalls: [], attachments, messages: [] }
    return {
      completion: answer.completion.result(complete),
      toolCalls: answer.toolCalls.result(),
      attachments,
      messages: answerMessages(answer, this.#attachments.places, {
        isByChoice: this.#isByChoice,
        whole: complete,
      }),
    }
  }

  #read(): AnswerTextParser {
    this.#reading ??= this.#createParser()
    return this.#reading
  }
}
