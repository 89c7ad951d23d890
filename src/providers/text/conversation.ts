/** Who speaks, whatever the provider calls it. */
export type MessageRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

/**
 * A stretch of a text that is kept anyway: `prompt` and `completion` are those of the exchange,
 * `tools` is `toolText`. In UTF-16 units; `to` is exclusive.
 */
export interface TextSpan {
  readonly of: 'prompt' | 'completion' | 'tools'
  readonly from: number
  readonly to: number
  /** The text goes on beyond what is kept. */
  readonly cut: boolean
}

/** One thing that a message holds. */
export type MessagePart =
  | { readonly type: 'text'; readonly text: TextSpan }
  | {
      readonly type: 'toolCall'
      readonly id: string | null
      readonly name: string | null
      /** As they were sent; null where they were over the bound. */
      readonly arguments: TextSpan | null
    }
  /** A call of the answer: position among the `toolCalls` of the exchange. */
  | { readonly type: 'answerToolCall'; readonly index: number }
  | {
      readonly type: 'toolResult'
      /** Of the call that it answers. */
      readonly id: string | null
      readonly name: string | null
      readonly text: TextSpan | null
    }
  /** Position among the `attachments` of the exchange. */
  | { readonly type: 'attachment'; readonly index: number }
  /** What is neither text, nor a tool's, nor attached; `name`: the provider's for it. */
  | { readonly type: 'other'; readonly name: string | null }

export interface Message {
  /** Null where the call names none that is known. */
  readonly role: MessageRole | null
  readonly parts: readonly MessagePart[]
}

/** Request and answer as messages, in their order. System text comes first, as in the prompt. */
export interface Conversation {
  readonly messages: readonly Message[]
  /** Arguments of calls and results of tools that the request repeats, parted by blank lines. */
  readonly toolText: string
  /** There are more messages or tool texts than are kept. */
  readonly truncated: boolean
}

/**
 * The messages of a request and of its answer. `attachments`: how many the request has; those of
 * the answer follow them.
 */
export function withAnswer(
  request: Conversation | null,
  answer: readonly Message[],
  attachments: number,
): Conversation {
  const { messages, toolText, truncated } = request ?? NO_REQUEST
  const moved = movedMessages(answer, { attachments, toolCalls: 0, completion: 0 })
  return { messages: [...messages, ...moved], toolText, truncated }
}

/**
 * The messages of an answer where others stand before it: so many attachments and calls, and so
 * many UTF-16 units of completion.
 */
export function movedMessages(
  messages: readonly Message[],
  before: {
    readonly attachments: number
    readonly toolCalls: number
    readonly completion: number
  },
): readonly Message[] {
  const moved = (part: MessagePart): MessagePart => {
    if (part.type === 'attachment') return { ...part, index: part.index + before.attachments }
    if (part.type === 'answerToolCall') return { ...part, index: part.index + before.toolCalls }
    if (part.type !== 'text' || part.text.of !== 'completion') return part
    const { from, to } = part.text
    return {
      ...part,
      text: { ...part.text, from: from + before.completion, to: to + before.completion },
    }
  }
  return messages.map(({ role, parts }) => ({ role, parts: parts.map(moved) }))
}

const NO_REQUEST: Conversation = { messages: [], toolText: '', truncated: false }
