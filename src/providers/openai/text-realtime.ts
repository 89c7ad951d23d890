import { promptLayout } from '../text/prompt-layout.ts'
import type { SocketTextFormat } from '../text/socket-text-format.ts'
import { createResponsesTextParser, promptOfItem, responsesTextPaths } from './text-responses.ts'

/** Of `response.create`: flat in the responses API, within `response` in the realtime API. */
const LISTS = ['input[]', 'response.input[]'].map(promptOfItem)
/** Of `conversation.item.create`. */
const ITEM = promptOfItem('item')

/** OpenAI's websockets: the realtime API, and the responses API. */
export const openaiRealtimeText: SocketTextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'instructions', section: 'system' },
      { path: 'response.instructions', section: 'system' },
      { path: 'session.instructions', section: 'system' },
      { path: 'input', section: 'messages', isUser: true },
      ...[...LISTS, ITEM].flatMap(({ places }) => places),
    ],
    parts: [...LISTS, ITEM].flatMap(({ parts }) => parts),
    messages: [...LISTS, ITEM].flatMap(({ messages }) => messages),
    attachments: [
      ...[...LISTS, ITEM].flatMap(({ attachments }) => attachments),
      { path: 'item.content[].audio', form: 'base64', kind: 'audio' },
    ],
    fileNames: [...LISTS, ITEM].flatMap(({ fileNames }) => fileNames),
    conversation: {
      ...ITEM.conversation,
      calls: [...LISTS, ITEM].flatMap(({ conversation }) => conversation.calls ?? []),
      results: [...LISTS, ITEM].flatMap(({ conversation }) => conversation.results ?? []),
    },
  }),
  answer: {
    paths: responsesTextPaths(),
    createParser: (answer) => createResponsesTextParser(answer, true, true),
  },
}
