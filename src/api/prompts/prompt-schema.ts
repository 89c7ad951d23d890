import { type Static, Type } from 'typebox'
import type { MessageRole } from '../../providers/text/conversation.ts'

const textOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })
const integerOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description })

const truncated = Type.Boolean({ description: 'The text goes on beyond what is kept.' })
const kind = Type.String({ description: 'image, audio, video or file' })
const mediaType = textOrNull('As the call named it; null where it did not.')
const sha256 = textOrNull('Of its bytes; null where it was only referred to.')
const bytes = integerOrNull('Size of what it is; null where it was only referred to.')

const PartSchema = Type.Union(
  [
    Type.Object({ type: Type.Literal('text'), text: Type.String(), truncated }),
    Type.Object({
      type: Type.Literal('toolCall'),
      id: textOrNull('The id its result refers to.'),
      name: textOrNull(''),
      arguments: textOrNull('As the model wrote them; null where they are not kept.'),
      truncated,
    }),
    Type.Object({
      type: Type.Literal('toolResult'),
      id: textOrNull('Of the call that it answers.'),
      name: textOrNull(''),
      text: textOrNull('Its text, or its JSON; null where it has none that is kept.'),
      truncated,
    }),
    Type.Object({
      type: Type.Literal('attachment'),
      kind,
      mediaType,
      sha256,
      bytes,
      kept: Type.Boolean({
        description: 'Its bytes are kept: `GET /v1/audit/prompt/:requestId/attachments/:sha256`.',
      }),
      name: textOrNull('Of the file, where the call names it.'),
      url: textOrNull('Where the call refers to it by a URL.'),
      fileId: textOrNull('Where the call refers to it by the provider’s id.'),
    }),
    Type.Object({
      type: Type.Literal('other'),
      name: textOrNull('What the provider calls it, as `thinking`; null where it has no name.'),
    }),
  ],
  { description: 'What a message holds, in order.' },
)
export type PublicPart = Static<typeof PartSchema>

const MessageSchema = Type.Object({
  role: Type.Unsafe<MessageRole | null>({
    type: ['string', 'null'],
    enum: ['system', 'developer', 'user', 'assistant', 'tool', null],
    description: 'Null where the call names none of these.',
  }),
  parts: Type.Array(PartSchema),
})
export type PublicMessage = Static<typeof MessageSchema>

export const PromptSchema = Type.Object({
  prompt: textOrNull(
    'System text and the text of all messages, parted by blank lines; null: there was none.',
  ),
  completion: textOrNull('The visible text of the answer; null: there was none.'),
  provider: Type.String(),
  model: textOrNull('Model id in the provider’s answer.'),
  requestId: Type.Optional(Type.String()),
  endpoint: Type.Optional(textOrNull('Provider API path.')),
  promptTruncated: Type.Optional(
    Type.Boolean({
      description: 'The prompt goes on beyond what is kept, or was not seen to its end.',
    }),
  ),
  completionTruncated: Type.Optional(Type.Boolean({ description: 'The same of the completion.' })),
  messages: Type.Optional(
    Type.Unsafe<PublicMessage[] | null>({
      anyOf: [Type.Array(MessageSchema), { type: 'null' }],
      description:
        'Request and answer in their order, system text first; each choice of the answer is a message. Null: `messagesGap` says why.',
    }),
  ),
  messagesGap: Type.Optional(
    Type.Unsafe<'earlier_format' | null>({
      type: ['string', 'null'],
      enum: ['earlier_format', null],
      description:
        '`earlier_format`: stored by a build that kept the prompt as one text; it is in `prompt`.',
    }),
  ),
  messagesTruncated: Type.Optional(
    Type.Unsafe<boolean | null>({
      type: ['boolean', 'null'],
      description: 'There are more messages, or texts of tools, than are kept.',
    }),
  ),
  toolCalls: Type.Optional(
    Type.Array(
      Type.Object({
        index: Type.Integer(),
        id: textOrNull(''),
        name: textOrNull(''),
        argumentsJson: textOrNull('As the model wrote them.'),
      }),
      { description: 'Calls of tools that the answer asked for.' },
    ),
  ),
  attachments: Type.Optional(
    Type.Array(
      Type.Object({
        direction: Type.Unsafe<'request' | 'response'>({
          type: 'string',
          enum: ['request', 'response'],
          description: 'Whether it came with the prompt or with the answer.',
        }),
        kind,
        mediaType,
        sha256,
        bytes,
        key: textOrNull('Object that holds its bytes; null where they are not kept.'),
      }),
      { description: 'What prompt and answer carried besides text.' },
    ),
  ),
})
export type PublicPrompt = Static<typeof PromptSchema>
