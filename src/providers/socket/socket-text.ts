import type { AttachmentBudget } from '../text/attachment-budget.ts'
import { BoundedText } from '../text/bounded-text.ts'
import { type Conversation, type Message, movedMessages } from '../text/conversation.ts'
import type { ExchangeText } from '../text/exchange-text.ts'
import { PromptParser } from '../text/prompt-parser.ts'
import type { SocketTextFormat, SocketTextParser } from '../text/socket-text-format.ts'
import { type PlacedMessages, SocketAnswers } from './socket-answers.ts'

/** What the provider heard and has not sent to its end. */
const MAX_HEARD_BYTES = 1024 * 1024

/** Takes the messages of one direction, decoded, in whatever pieces. */
export interface MessageText {
  write(bytes: Buffer): void
  /** The message ends here. */
  end(): void
}

export interface SocketTextOptions {
  readonly format: SocketTextFormat
  /** Of each direction. */
  readonly maxTextBytes: number
  readonly attachmentBudget: AttachmentBudget
}

/**
 * The text of a socket, as of one call: what the client's messages asked, and the transcripts of
 * what it said aloud, in the order in which they came; and what the server's messages answered.
 */
export class SocketText {
  readonly client: MessageText
  readonly server: MessageText
  readonly #prompt: PromptParser
  readonly #answers: SocketAnswers
  /** Within a message of the client. */
  #isAsking = false
  #hearing = new BoundedText()
  /** What was heard while the client's message was on its way. */
  #heard: string[] = []

  constructor({ format, maxTextBytes, attachmentBudget }: SocketTextOptions) {
    const prompt = new PromptParser(format.prompt, maxTextBytes, attachmentBudget)
    const answers = new SocketAnswers({
      format: format.answer,
      maxTextBytes,
      attachmentBudget,
      askedMessages: () => prompt.messageCount,
      onMessage: (message) => this.#hear(message),
    })
    this.#prompt = prompt
    this.#answers = answers
    this.client = {
      write: (bytes) => {
        if (!this.#isAsking) prompt.documentStarted()
        this.#isAsking = true
        prompt.write(bytes)
      },
      end: () => {
        if (!this.#isAsking) return
        prompt.documentEnded()
        this.#isAsking = false
        for (const text of this.#heard.splice(0)) prompt.hear(text)
      },
    }
    this.server = answers
  }

  /** UTF-8 of the text that is kept. */
  get bytes(): number {
    return this.#prompt.bytes + this.#answers.bytes + this.#hearing.bytes
  }

  get isEmpty(): boolean {
    return this.bytes === 0 && this.#answers.isEmpty && this.#prompt.attachments.length === 0
  }

  /** Nothing more will come: what was heard last may have no end of its own. */
  ended(): void {
    this.#heardWhole()
  }

  /** What came so far; `isPromptWhole`, `isAnswerWhole`: and nothing of it is missing. */
  result(isPromptWhole: boolean, isAnswerWhole: boolean): ExchangeText {
    const { attachments, messages, ...said } = this.#answers.result(isAnswerWhole)
    const asked = this.#prompt.attachments
    return {
      prompt: this.#prompt.soFar(isPromptWhole),
      ...said,
      attachments: [...asked, ...attachments],
      conversation: this.#inTurns(messages, asked.length),
    }
  }

  /** Each response behind the messages that came before it. */
  #inTurns(answers: readonly PlacedMessages[], attachments: number): Conversation {
    const { messages, ...rest } = this.#prompt.conversation
    const systemMessages = messages.length - this.#prompt.messageCount
    const before = { attachments, toolCalls: 0, completion: 0 }
    const all: Message[] = []
    let next = 0
    for (const { at, messages: said } of answers) {
      all.push(...messages.slice(next, systemMessages + at), ...movedMessages(said, before))
      next = Math.max(next, systemMessages + at)
    }
    return { ...rest, messages: [...all, ...messages.slice(next)] }
  }

  #hear({ heard, isHeardWhole }: SocketTextParser['message']): void {
    if (heard !== undefined) this.#hearing.take(heard, MAX_HEARD_BYTES - this.#hearing.bytes)
    if (isHeardWhole) this.#heardWhole()
  }

  #heardWhole(): void {
    const text = `${this.#hearing}`
    if (text === '') return
    this.#hearing = new BoundedText()
    if (this.#isAsking) this.#heard.push(text)
    else this.#prompt.hear(text)
  }
}
