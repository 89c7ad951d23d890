import { isOneOf, promptLayout } from './prompt-layout.ts'
import type { TextFormat } from './text-format.ts'

/** Steps that are words of either side; earlier betas had turns, which have no type. */
const isTurn = (type: string | undefined) => type === undefined || isOneOf('user_input', 'model_output', 'text')(type)
const isText = isOneOf('text')

/** Gemini interactions: the new turn only, since the history is the server's. Their answers are not read yet. */
export const geminiInteractionsText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'system_instruction', section: 'system' },
      { path: 'input', section: 'messages' },
      { path: 'input.text', section: 'messages' },
      { path: 'input[].text', section: 'messages' },
      { path: 'input[].content', section: 'messages' },
      { path: 'input[].content[].text', section: 'messages' },
    ],
    parts: [
      { path: 'input', member: 'type', isText },
      { path: 'input[]', member: 'type', isText: isTurn },
      { path: 'input[].content[]', member: 'type', isText },
    ],
    attachments: ['input', 'input[]', 'input[].content[]'].flatMap((part) => [
      { path: `${part}.data`, form: 'base64', kind: null },
      { path: `${part}.uri`, form: 'reference', kind: null },
    ]),
    mediaTypes: ['input', 'input[]', 'input[].content[]'].map((part) => `${part}.mime_type`),
  }),
  answer: null,
  reportedRequest: (messages, system) => ({ system_instruction: system, input: messages }),
}
