import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { asObject } from '../json/text.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import type { PromptFormat } from '../text/prompt-layout.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import { asMessage, messageList } from '../text/reported-messages.ts'
import {
  type AnswerAccumulators,
  type AnswerTextParser,
  positionOf,
  type TextFormat,
} from '../text/text-format.ts'

const CALL = { id: 'toolUseId', name: 'name' } as const
const VALUES = namedPaths({
  /** Of the whole answer. */
  call: within('output.message.content[].toolUse', { ...CALL, input: 'input' }),
  /** Of an event. */
  startIndex: 'contentBlockStart.contentBlockIndex',
  started: within('contentBlockStart.start.toolUse', CALL),
  deltaIndex: 'contentBlockDelta.contentBlockIndex',
  reasoning: [
    'output.message.content[].reasoningContent',
    'contentBlockDelta.delta.reasoningContent',
  ],
})
const AT = VALUES.at
const TEXTS = namedPaths({
  whole: 'output.message.content[].text',
  delta: 'contentBlockDelta.delta.text',
  input: 'contentBlockDelta.delta.toolUse.input',
})

/** What is wanted of an answer, for formats that read others beside it. */
export const converseTextPaths = {
  values: VALUES.list,
  texts: TEXTS.list,
  groups: ['output.message.content[]'],
} as const

const BLOCKS = ['messages[].content[]', 'messages[].content[].toolResult.content[]']
/** Where blocks hold bytes or name where they are. */
const ATTACHED = [
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['document', 'file'],
] as const

export const converseAttachments: NonNullable<PromptFormat['attachments']> = BLOCKS.flatMap(
  (block) =>
    ATTACHED.flatMap(([member, kind]) => [
      { path: `${block}.${member}.source.bytes`, form: 'base64' as const, kind },
      { path: `${block}.${member}.source.s3Location.uri`, form: 'reference' as const, kind },
    ]),
)

export const converseTools = {
  calls: [
    {
      path: 'messages[].content[]',
      ids: ['toolUse.toolUseId'],
      names: ['toolUse.name'],
      values: ['toolUse.input'],
    },
  ],
  results: [
    {
      path: 'messages[].content[]',
      ids: ['toolResult.toolUseId'],
      texts: ['toolResult.content[].text'],
      values: ['toolResult.content[].json'],
    },
  ],
} as const

/**
 * Converse, and Nova's own format, which is the same.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
 */
export const bedrockConverseText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'system[].text', section: 'system' },
      { path: 'messages[].content[].text', section: 'messages' },
    ],
    parts: BLOCKS.map((path, index) => ({
      path,
      // Blocks have no type: only those of text have text.
      member: 'cachePoint.type',
      isText: () => index === 0,
    })),
    messages: [{ path: 'messages[]', member: 'role', isUser: isOneOf('user') }],
    attachments: converseAttachments,
    fileNames: BLOCKS.map((block) => `${block}.document.name`),
    conversation: {
      ...converseTools,
      others: [
        { path: 'messages[].content[]', member: 'reasoningContent', name: 'reasoning' },
        { path: 'messages[].content[]', member: 'guardContent', name: 'guardContent' },
        { path: 'messages[].content[]', member: 'cachePoint.type', name: 'cachePoint' },
      ],
    },
  }),
  answer: {
    paths: jsonPaths(converseTextPaths.values, converseTextPaths),
    createParser: createConverseTextParser,
  },
  reportedRequest: (messages, system) => ({
    system: typeof system === 'string' ? [{ text: system }] : system,
    messages: messageList(messages).map(asMessage).map(withBlocks),
  }),
}

export function createConverseTextParser(answer: AnswerAccumulators): AnswerTextParser {
  const { completion, toolCalls, others } = answer
  let values: (string | undefined)[] = []
  let text: BoundedText | undefined
  let input: BoundedText | undefined
  let blocks = 0
  const reasoning = () =>
    AT.reasoning.some((slot) => values[slot] !== undefined) ? 'reasoning' : null

  const blockEnded = () => {
    completion.add(blocks, text)
    const { id, name, input: whole } = AT.call
    if (values[name] !== undefined)
      toolCalls.add(blocks, 0, { id: values[id], name: values[name], whole: values[whole] })
    others.add(blocks, reasoning())
    blocks++
  }

  const eventEnded = () => {
    const { id, name } = AT.started
    if (values[name] !== undefined)
      toolCalls.add(positionOf(values[AT.startIndex], 0), 0, { id: values[id], name: values[name] })
    const index = positionOf(values[AT.deltaIndex], 0)
    completion.add(index, text)
    if (toolCalls.has(index, 0)) toolCalls.add(index, 0, { more: input })
    others.add(index, reasoning())
  }

  const forget = () => {
    values = []
    text = undefined
    input = undefined
  }

  return {
    value(slot, json) {
      values[slot] = json
    },
    text(place, piece) {
      if (place === TEXTS.at.input) input = toolCalls.append(input, piece)
      else text = completion.append(text, piece)
    },
    enter: forget,
    leave() {
      blockEnded()
      forget()
    },
    document() {
      eventEnded()
      forget()
      blocks = 0
    },
    accumulated: () => answer,
  }
}

/** Content that is a string, as most APIs take it. */
function withBlocks(message: unknown): unknown {
  const object = asObject(message)
  return typeof object?.content === 'string'
    ? { ...object, content: [{ text: object.content }] }
    : message
}
