import { asObject } from '../json/text.ts'

/** Messages of a report as a list, however many there are. */
export function messageList(messages: unknown): readonly unknown[] {
  return Array.isArray(messages) ? messages : [messages]
}

/** A string is a message of the user. */
export function asMessage(message: unknown): unknown {
  return typeof message === 'string' ? { role: 'user', content: message } : message
}

/** Gemini's content object, of one or of a message as the guide has it. */
export function asGeminiContent(message: unknown): unknown {
  if (typeof message === 'string') return { parts: [{ text: message }] }
  if (Array.isArray(message)) return { parts: message }
  const { content, parts, ...rest } = asObject(message) ?? {}
  if (parts !== undefined) return { ...rest, parts: typeof parts === 'string' ? { text: parts } : parts }
  if (content === undefined) return { parts: [message] }
  return { ...rest, parts: typeof content === 'string' ? { text: content } : content }
}

/** The string of a message, for endpoints that take strings. */
export function asText(message: unknown): unknown {
  return asObject(message)?.content ?? message
}
