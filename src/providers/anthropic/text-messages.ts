import { jsonPaths } from '../json/paths.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import { asMessage, messageList } from '../text/reported-messages.ts'
import { type AnswerWords, type AnswerWordsReading, positionOf, type TextFormat } from '../text/text-format.ts'

// Of a block of the whole answer.
const BLOCK_TYPE = 0
const BLOCK_ID = 1
const BLOCK_NAME = 2
const BLOCK_INPUT = 3
// Of an event.
const TYPE = 4
const INDEX = 5
const STARTED_TYPE = 6
const STARTED_ID = 7
const STARTED_NAME = 8
const STARTED_INPUT = 9
const DELTA_TYPE = 10
const PARTIAL_JSON = 3

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
    attachments: ['messages[].content[].source', 'messages[].content[].content[].source'].flatMap((source) => [
      { path: `${source}.data`, form: 'base64', kind: null },
      { path: `${source}.url`, form: 'link', kind: null },
      { path: `${source}.file_id`, form: 'reference', kind: null },
    ]),
    mediaTypes: ['messages[].content[].source.media_type', 'messages[].content[].content[].source.media_type'],
  }),
  answer: {
    paths: jsonPaths(
      [
        'content[].type',
        'content[].id',
        'content[].name',
        'content[].input',
        'type',
        'index',
        'content_block.type',
        'content_block.id',
        'content_block.name',
        'content_block.input',
        'delta.type',
      ],
      { texts: ['content[].text', 'content_block.text', 'delta.text', 'delta.partial_json'], groups: ['content[]'] },
    ),
    createReading,
  },
  reportedRequest: (messages, system) => ({ system, messages: messageList(messages).map(asMessage) }),
}

function createReading(words: AnswerWords): AnswerWordsReading {
  const { completion, toolCalls } = words
  let values: (string | undefined)[] = []
  let text: BoundedText | undefined
  let partialJson: BoundedText | undefined
  let blocks = 0

  const blockEnded = () => {
    if (values[BLOCK_TYPE] === '"text"') completion.add(blocks, text)
    else if (values[BLOCK_TYPE] === '"tool_use"') {
      toolCalls.add(blocks, 0, { id: values[BLOCK_ID], name: values[BLOCK_NAME], whole: values[BLOCK_INPUT] })
    }
    blocks++
  }

  const eventEnded = () => {
    const index = positionOf(values[INDEX], 0)
    switch (values[TYPE]) {
      case '"message_start"':
        // Spliced streams start twice: the last start wins.
        completion.clear()
        toolCalls.clear()
        break
      case '"content_block_start"':
        if (values[STARTED_TYPE] === '"text"') completion.add(index, text)
        else if (values[STARTED_TYPE] === '"tool_use"') {
          // The input comes in deltas, and is told here only as `{}`.
          const whole = values[STARTED_INPUT] === '{}' ? undefined : values[STARTED_INPUT]
          toolCalls.add(index, 0, { id: values[STARTED_ID], name: values[STARTED_NAME], whole })
        }
        break
      case '"content_block_delta"':
        if (values[DELTA_TYPE] === '"text_delta"') completion.add(index, text)
        // Other blocks have JSON deltas as well (the provider's own tools).
        else if (values[DELTA_TYPE] === '"input_json_delta"' && toolCalls.has(index, 0)) toolCalls.add(index, 0, { more: partialJson })
    }
  }

  return {
    value(slot, json) {
      values[slot] = json
    },
    text(place, piece) {
      if (place === PARTIAL_JSON) partialJson = toolCalls.append(partialJson, piece)
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
    words: () => words,
  }
}
