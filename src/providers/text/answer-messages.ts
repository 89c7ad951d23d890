import type { Message, MessagePart } from './conversation.ts'
import type { AnswerSet } from './text-format.ts'

interface PlacedPart {
  readonly order: number
  readonly part: MessagePart
}

/**
 * What an answer said, as messages: one, or one for each choice. `attachments`: where each of them
 * stands; `whole`: the answer came to its own end.
 */
export function answerMessages(
  { completion, toolCalls, others }: AnswerSet,
  attachments: readonly number[],
  { isByChoice, whole }: { readonly isByChoice: boolean; readonly whole: boolean },
): readonly Message[] {
  const texts = completion.stretches()
  const parts: PlacedPart[] = [
    ...texts.map(({ order, ...stretch }) => ({
      order,
      part: { type: 'text' as const, text: { of: 'completion' as const, ...stretch } },
    })),
    ...toolCalls.orders().map((order, index) => ({
      order,
      part: { type: 'answerToolCall' as const, index },
    })),
    ...others
      .result()
      .map(({ order, name }) => ({ order, part: { type: 'other' as const, name } })),
    ...attachments.map((order, index) => ({
      order,
      part: { type: 'attachment' as const, index },
    })),
  ].sort((one, other) => one.order - other.order || 0)
  const messages = new Map<number, MessagePart[]>()
  for (const { order, part } of parts) {
    const choice = isByChoice ? order : 0
    const held = messages.get(choice)
    if (held === undefined) messages.set(choice, [part])
    else held.push(part)
  }
  return [...messages.values()].map((held) => ({
    role: 'assistant',
    parts: whole ? held : cutAtEnd(held),
  }))
}

/** The text that a message was broken off in may go on. */
function cutAtEnd(parts: readonly MessagePart[]): readonly MessagePart[] {
  const last = parts.at(-1)
  if (last?.type !== 'text') return parts
  return [...parts.slice(0, -1), { ...last, text: { ...last.text, cut: true } }]
}
