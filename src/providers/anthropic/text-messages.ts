import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { jsonString } from '../json/text.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import { asMessage, messageList } from '../text/reported-messages.ts'
import {
  type AnswerAccumulators,
  type AnswerTextParser,
  positionOf,
  type TextFormat,
} from '../text/text-format.ts'

const BLOCK = { type: 'type', id: 'id', name: 'name', input: 'input' } as const
const VALUES = namedPaths({
  /** Of the whole answer. */
  block: within('content[]', BLOCK),
  /** Of an event. */
  type: 'type',
  index: 'index',
  started: within('content_block', BLOCK),
  deltaType: 'delta.type',
})
const AT = VALUES.at
const TEXTS = namedPaths({
  texts: ['content[].text', 'content_block.text', 'delta.text'],
  partialJson: 'delta.partial_json',
})

/** What is wanted of an answer, for formats that read others beside it. */
export const messagesTextPaths = {
  values: VALUES.list,
  texts: TEXTS.list,
  groups: ['content[]'],
} as const

/** Blocks that call tools, also the provider's own, and those that give back what they said. */
export const anthropicTools = {
  calls: [
    {
      path: 'messages[].content[]',
      types: ['tool_use', 'server_tool_use', 'mcp_tool_use'],
      ids: ['id'],
      names: ['name'],
      values: ['input'],
    },
  ],
  results: [
    {
      path: 'messages[].content[]',
      ids: ['tool_use_id'],
      texts: ['content', 'content[].text'],
    },
  ],
} as const

/** Anthropic messages. */
export const anthropicMessagesText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'system', section: 'system' },
      { path: 'system[].text', section: 'system' },
      { path: 'messages[].content', section: 'messages' },
      { path: 'messages[].content[].text', section: 'messages' },
    ],
    parts: [
      { path: 'system[]', member: 'type', isText: isOneOf('text') },
      { path: 'messages[].content[]', member: 'type', isText: isOneOf('text') },
      // Within the result of a tool: no prompt text, but it may hold images.
      { path: 'messages[].content[].content[]', member: 'type', isText: () => false },
    ],
    messages: [{ path: 'messages[]', member: 'role', isUser: isOneOf('user') }],
    attachments: ['messages[].content[].source', 'messages[].content[].content[].source'].flatMap(
      (source) => [
        { path: `${source}.data`, form: 'base64', kind: null },
        { path: `${source}.url`, form: 'link', kind: null },
        { path: `${source}.file_id`, form: 'reference', kind: null },
      ],
    ),
    mediaTypes: [
      'messages[].content[].source.media_type',
      'messages[].content[].content[].source.media_type',
    ],
    fileNames: ['messages[].content[].title'],
    conversation: anthropicTools,
  }),
  answer: {
    paths: jsonPaths(messagesTextPaths.values, messagesTextPaths),
    createParser,
  },
  reportedRequest: (messages, system) => ({
    system,
    messages: messageList(messages).map(asMessage),
  }),
}

function createParser(answer: AnswerAccumulators): AnswerTextParser {
  const { completion, toolCalls, others } = answer
  let values: (string | undefined)[] = []
  let text: BoundedText | undefined
  let partialJson: BoundedText | undefined
  let blocks = 0

  const blockEnded = () => {
    if (values[AT.block.type] === '"text"') completion.add(blocks, text)
    else if (values[AT.block.type] === '"tool_use"') {
      toolCalls.add(blocks, 0, {
        id: values[AT.block.id],
        name: values[AT.block.name],
        whole: values[AT.block.input],
      })
    } else others.add(blocks, jsonString(values[AT.block.type]))
    blocks++
  }

  const eventEnded = () => {
    const index = positionOf(values[AT.index], 0)
    switch (values[AT.type]) {
      case '"message_start"':
        // Spliced streams start twice: the last start wins.
        completion.clear()
        toolCalls.clear()
        others.clear()
        break
      case '"content_block_start"':
        if (values[AT.started.type] === '"text"') completion.add(index, text)
        else if (values[AT.started.type] === '"tool_use"') {
          // The input comes in deltas, and is only `{}` here.
          const whole = values[AT.started.input] === '{}' ? undefined : values[AT.started.input]
          toolCalls.add(index, 0, {
            id: values[AT.started.id],
            name: values[AT.started.name],
            whole,
          })
        } else others.add(index, jsonString(values[AT.started.type]))
        break
      case '"content_block_delta"':
        if (values[AT.deltaType] === '"text_delta"') completion.add(index, text)
        // Other blocks have JSON deltas as well (the provider's own tools).
        else if (values[AT.deltaType] === '"input_json_delta"' && toolCalls.has(index, 0))
          toolCalls.add(index, 0, { more: partialJson })
    }
  }

  return {
    value(slot, json) {
      values[slot] = json
    },
    text(place, piece) {
      if (place === TEXTS.at.partialJson) partialJson = toolCalls.append(partialJson, piece)
      else text = completion.append(text, piece)
    },
    enter() {
      values = []
      text = undefined
    },
    leave: blockEnded,
    document() {
      eventEnded()
      values = []
      text = undefined
      partialJson = undefined
      blocks = 0
    },
    accumulated: () => answer,
  }
}
