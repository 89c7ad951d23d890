import type { Prompt } from '../../api/answers.ts'

type Messages = NonNullable<Prompt['messages']>
type Role = Messages[number]['role']
export type MessagePart = Messages[number]['parts'][number]
export type AttachmentPart = Extract<MessagePart, { type: 'attachment' }>

/** One part of the conversation, in its place. */
export interface Item {
  readonly role: Role
  /** Begins a message: its role stands above it. */
  readonly isFirst: boolean
  readonly part: MessagePart
}

/**
 * What was said, part by part. A prompt of an earlier build is one text, the answer another, tool
 * calls and attachments beside them.
 */
export function itemsOf(prompt: Prompt): Item[] {
  if (prompt.messages != null) return prompt.messages.flatMap(itemsOfMessage)
  const texts = (text: string | null, truncated = false): MessagePart[] =>
    text === null ? [] : [{ type: 'text', text, truncated }]
  const attached = (from: 'request' | 'response'): MessagePart[] =>
    (prompt.attachments ?? [])
      .filter(({ direction }) => direction === from)
      .map(({ kind, mediaType, sha256, bytes, key }) => ({
        type: 'attachment',
        ...{ kind, mediaType, sha256, bytes, kept: key !== null },
        ...{ name: null, url: null, fileId: null },
      }))
  const calls = (prompt.toolCalls ?? []).map(
    ({ id, name, argumentsJson }): MessagePart => ({
      type: 'toolCall',
      ...{ id, name, arguments: argumentsJson, truncated: false },
    }),
  )
  return [
    ...itemsOfMessage({
      role: null,
      parts: [...texts(prompt.prompt, prompt.promptTruncated), ...attached('request')],
    }),
    ...itemsOfMessage({
      role: 'assistant',
      parts: [
        ...texts(prompt.completion, prompt.completionTruncated),
        ...calls,
        ...attached('response'),
      ],
    }),
  ]
}

function itemsOfMessage({ role, parts }: Messages[number]): Item[] {
  return parts.map((part, at) => ({ role, isFirst: at === 0, part }))
}

/** What Copy and Download give of a part, exactly as it was sent; null where it has no text. */
export function textOf(part: MessagePart): string | null {
  if (part.type === 'text' || part.type === 'toolResult') return part.text
  return part.type === 'toolCall' ? part.arguments : null
}

/** Redaction leaves `[redacted:kind]` where a secret stood. */
export function redactions(text: string): number {
  return text.match(/\[redacted:[\w-]{1,40}\]/g)?.length ?? 0
}

/** Indexes of a long list that are shown: its beginning and its end, `more` of them in between. */
export function shownOf(
  total: number,
  more: number,
  { head, tail }: { head: number; tail: number },
): { readonly headEnd: number; readonly tailStart: number } {
  const headEnd = head + more
  return headEnd + tail >= total
    ? { headEnd: total, tailStart: total }
    : { headEnd, tailStart: total - tail }
}
