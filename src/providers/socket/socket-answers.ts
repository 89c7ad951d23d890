import { type AnswerSaid, AnswerText } from '../text/answer-text.ts'
import type { AttachmentBudget } from '../text/attachment-budget.ts'
import { BoundedText } from '../text/bounded-text.ts'
import { type Message, movedMessages } from '../text/conversation.ts'
import type { Attachment, CapturedText, ToolCall } from '../text/exchange-text.ts'
import { previewOf } from '../text/preview.ts'
import type { SocketTextFormat, SocketTextParser } from '../text/socket-text-format.ts'

const SEPARATOR = '\n\n'
/** As of one answer. */
const MAX_CALLS = 256
const MAX_ATTACHMENTS = 256
const MAX_ARGUMENT_BYTES = 4 * 1024 * 1024

export interface SocketAnswersOptions {
  readonly format: SocketTextFormat['answer']
  readonly maxTextBytes: number
  readonly attachmentBudget: AttachmentBudget
  /** How many messages the client has sent, without the system's. */
  readonly askedMessages: () => number
  /** After each message, with what it said besides. */
  readonly onMessage: (message: SocketTextParser['message']) => void
}

/** What a response said, and how many messages of the client stand before it. */
export interface PlacedMessages {
  readonly at: number
  readonly messages: readonly Message[]
}

/** The text of the responses of one socket, one after the other. */
export class SocketAnswers {
  readonly #options: SocketAnswersOptions
  readonly #ended = new BoundedText()
  /** UTF-16 units of the responses that have ended, kept or not. */
  #chars = 0
  #truncated = false
  #toolCalls: ToolCall[] = []
  #argumentBytes = 0
  #attachments: Attachment[] = []
  readonly #messages: PlacedMessages[] = []
  #message: SocketTextParser['message'] | null = null
  #turn: { readonly text: AnswerText; parser: SocketTextParser | null } | null = null

  constructor(options: SocketAnswersOptions) {
    this.#options = options
  }

  /** UTF-8 of the text that is kept. */
  get bytes(): number {
    return this.#ended.bytes + this.#argumentBytes + (this.#turn?.text.bytes ?? 0)
  }

  /** No response has left anything. */
  get isEmpty(): boolean {
    return this.bytes === 0 && this.#toolCalls.length === 0 && this.#attachments.length === 0
  }

  write(bytes: Buffer): void {
    this.#turn ??= this.#begun()
    this.#turn.text.write(bytes)
  }

  /** The message ends here. */
  end(): void {
    if (this.#turn === null) return
    const { text, parser } = this.#turn
    text.end()
    if (parser === null) return
    const { message } = parser
    // Of a message that was no document the parser says nothing new.
    if (message === this.#message) return
    this.#message = message
    if (message.isEnd) {
      this.#take(text, true)
      this.#turn = null
    }
    this.#options.onMessage(message)
  }

  /** `whole`: every response that was begun has ended. Reading goes on. */
  result(whole: boolean): {
    readonly completion: CapturedText | null
    readonly toolCalls: readonly ToolCall[]
    readonly attachments: readonly Attachment[]
    readonly messages: readonly PlacedMessages[]
  } {
    const open = this.#turn?.text.result(false)
    const said = open?.completion ?? null
    const chars = this.#chars + (said === null ? 0 : this.#separator.length + said.chars)
    const full = `${this.#ended}${said === null ? '' : this.#separator + said.full}`
    return {
      completion:
        chars === 0
          ? null
          : { preview: previewOf(full), full, truncated: !whole || this.#truncated, chars },
      toolCalls: numbered([...this.#toolCalls, ...(open?.toolCalls ?? [])]),
      attachments: [...this.#attachments, ...(open?.attachments ?? [])].slice(0, MAX_ATTACHMENTS),
      messages: open === undefined ? this.#messages : [...this.#messages, this.#placed(open)],
    }
  }

  get #separator(): string {
    return this.#chars === 0 ? '' : SEPARATOR
  }

  #begun() {
    const { format, maxTextBytes, attachmentBudget } = this.#options
    const answer = {
      paths: format.paths,
      createParser: (accumulators: Parameters<typeof format.createParser>[0]) => {
        const parser = format.createParser(accumulators)
        turn.parser = parser
        return parser
      },
    }
    const leftBytes = Math.max(0, maxTextBytes - this.#ended.bytes)
    const turn: { readonly text: AnswerText; parser: SocketTextParser | null } = {
      text: new AnswerText(
        { format: answer, maxTextBytes: leftBytes, attachmentBudget },
        () => true,
      ),
      parser: null,
    }
    return turn
  }

  /** Before what it said is added to what was said before. */
  #placed({ messages }: AnswerSaid): PlacedMessages {
    return {
      at: this.#options.askedMessages(),
      messages: movedMessages(messages, {
        attachments: this.#attachments.length,
        toolCalls: this.#toolCalls.length,
        completion: this.#ended.units + this.#separator.length,
      }),
    }
  }

  #take(text: AnswerText, whole: boolean): void {
    const said = text.result(whole)
    const { completion, toolCalls, attachments } = said
    this.#messages.push(this.#placed(said))
    if (completion !== null) {
      const { maxTextBytes } = this.#options
      const separator = this.#separator
      this.#ended.append(separator + completion.full, maxTextBytes - this.#ended.bytes)
      this.#ended.settle()
      this.#truncated ||= this.#ended.truncated || completion.truncated
      this.#chars += separator.length + completion.chars
    }
    for (const toolCall of toolCalls) {
      if (this.#toolCalls.length === MAX_CALLS) break
      const bytes = Buffer.byteLength(toolCall.argumentsJson ?? '')
      const isKept = this.#argumentBytes + bytes <= MAX_ARGUMENT_BYTES
      if (isKept) this.#argumentBytes += bytes
      this.#toolCalls.push(isKept ? toolCall : { ...toolCall, argumentsJson: null })
    }
    this.#attachments = [...this.#attachments, ...attachments].slice(0, MAX_ATTACHMENTS)
  }
}

function numbered(calls: readonly ToolCall[]): ToolCall[] {
  return calls.slice(0, MAX_CALLS).map((call, index) => ({ ...call, index }))
}
