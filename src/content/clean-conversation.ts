import { redact, redactJoinedMarked } from '../evidence/redact.ts'
import type { Message, MessagePart, TextSpan } from '../providers/text/conversation.ts'
import type { ExchangeText } from '../providers/text/exchange-text.ts'
import type { CapturePolicy } from './capture-policy.ts'

interface CleanConversation {
  readonly prompt: string | null
  readonly completion: string | null
  readonly toolText: string
  readonly messages: readonly Message[]
}

/**
 * The texts of an exchange as they are kept, and its messages as stretches of these: without
 * key-shaped secrets where the organisation wants that, names and ids without them in any case.
 */
export function cleanConversation(
  { prompt, completion, conversation }: ExchangeText,
  policy: CapturePolicy,
): CleanConversation {
  const { messages, toolText } = conversation
  const texts = {
    prompt: prompt?.full ?? '',
    completion: completion?.full ?? '',
    tools: toolText,
  }
  const spans = messages.flatMap(({ parts }) => parts.flatMap((part) => spanOf(part) ?? []))
  const cleanOf = (of: TextSpan['of']) =>
    cleanText(
      texts[of],
      spans.filter((span) => span.of === of),
      policy,
    )
  const clean = {
    prompt: cleanOf('prompt'),
    completion: cleanOf('completion'),
    tools: cleanOf('tools'),
  }
  const moved = (span: TextSpan): TextSpan => {
    const { at, kept } = clean[span.of]
    return { ...span, from: at(span.from), to: at(span.to), cut: span.cut || span.to > kept }
  }
  return {
    prompt: prompt === null ? null : clean.prompt.text,
    completion: completion === null ? null : clean.completion.text,
    toolText: clean.tools.text,
    messages: messages.map(({ role, parts }) => ({
      role,
      parts: parts.map((part) => cleanPart(part, moved)),
    })),
  }
}

/** `at`: where a bound of a stretch came to stand; `kept`: length of the text as it was. */
function cleanText(
  text: string,
  spans: readonly TextSpan[],
  { redact: isRedacted }: CapturePolicy,
): { text: string; at: (place: number) => number; kept: number } {
  const kept = text.length
  const inText = (place: number) => Math.min(place, kept)
  if (!isRedacted) return { text, at: inText, kept }
  const places = new Set(spans.flatMap(({ from, to }) => [inText(from), inText(to)]))
  const marks = [...places].sort((one, other) => one - other)
  const clean = redactJoinedMarked({ text, marks })
  const moved = new Map(marks.map((mark, index) => [mark, clean.marks[index] ?? 0]))
  return { text: clean.text, at: (place) => moved.get(inText(place)) ?? 0, kept }
}

function spanOf(part: MessagePart): TextSpan | null {
  if (part.type === 'text' || part.type === 'toolResult') return part.text
  return part.type === 'toolCall' ? part.arguments : null
}

function cleanPart(part: MessagePart, moved: (span: TextSpan) => TextSpan): MessagePart {
  const name = (text: string | null) => (text === null ? null : redact(text))
  const span = (text: TextSpan | null) => (text === null ? null : moved(text))
  switch (part.type) {
    case 'text':
      return { ...part, text: moved(part.text) }
    case 'toolCall':
      return { ...part, id: name(part.id), name: name(part.name), arguments: span(part.arguments) }
    case 'toolResult':
      return { ...part, id: name(part.id), name: name(part.name), text: span(part.text) }
    case 'other':
      return { ...part, name: name(part.name) }
    default:
      return part
  }
}
