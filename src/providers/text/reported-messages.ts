import { asObject } from '../json/text.ts'

/** Messages of a report as a list, however many there are. */
export function messageList(messages: unknown): readonly unknown[] {
  return Array.isArray(messages) ? messages : [messages]
}

/** A string is a message of the user. */
export function asMessage(message: unknown): unknown {
  return typeof message === 'string' ? { role: 'user', content: message } : message
}

/** The string of a message, for endpoints that take strings. */
export function asText(message: unknown): unknown {
  return asObject(message)?.content ?? message
}
