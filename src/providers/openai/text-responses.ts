import { jsonPaths } from '../json/paths.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import { asMessage, messageList } from '../text/reported-messages.ts'
import { type AnswerWords, type AnswerWordsReading, positionOf, type TextFormat } from '../text/text-format.ts'
import { imageMediaType } from './text-images.ts'

const isMessage = (type: string | undefined) => type === undefined || type === '"message"'
const isImage = isOneOf('image_generation_call')
const isToolCall = isOneOf('function_call', 'custom_tool_call')
/** Events that carry the response as it ended. */
const isFinal = isOneOf('response.completed', 'response.incomplete', 'response.failed')

// A plain answer is the response object; events of a stream carry it as `response`, or one item of it as `item`.
const OUTPUTS = ['output[]', 'response.output[]']
const ITEM_VALUES = ['type', 'call_id', 'name', 'output_format'] as const
const ITEM_TYPE = 0
const CALL_ID = 1
const CALL_NAME = 2
const IMAGE_FORMAT = 3
const PART_TYPE = 4
const EVENT = OUTPUTS.length * 5
const EVENT_TYPE = 0
const OUTPUT_INDEX = 1
const CONTENT_INDEX = 2
const EVENT_ITEM = 3
// Of an output item: text of its parts, then its arguments; of an event: arguments of its item, then its delta.
const ITEM_TEXTS = 3
const EVENT_TEXTS = OUTPUTS.length * ITEM_TEXTS
const DELTA = EVENT_TEXTS + 2
/** Images: of an event's item, then of output items. */
const EVENT_IMAGE = DELTA + 1
const IMAGE_PLACE = { path: 'result', form: 'base64', kind: 'image' } as const
/** Groups: item and part of each output. */
const isItem = (group: number) => group % 2 === 0
/** So many parts of one message are kept apart, as long as they come in deltas. */
const PARTS = 1_024

/** OpenAI responses. */
export const openaiResponsesText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'instructions', section: 'system' },
      { path: 'input', section: 'messages' },
      { path: 'input[].content', section: 'messages' },
      { path: 'input[].content[].text', section: 'messages' },
    ],
    parts: [
      { path: 'input[]', member: 'type', isText: isMessage },
      { path: 'input[].content[]', member: 'type', isText: isOneOf('input_text', 'output_text', 'text') },
      // What a tool gave back: no prompt text, but it may hold images.
      { path: 'input[].output[]', member: 'type', isText: () => false },
    ],
    attachments: ['input[].content[]', 'input[].output[]'].flatMap((part) => [
      { path: `${part}.image_url`, form: 'link', kind: 'image' },
      { path: `${part}.input_audio.data`, form: 'base64', kind: 'audio' },
      { path: `${part}.file_data`, form: 'link', kind: 'file' },
      { path: `${part}.file_url`, form: 'link', kind: 'file' },
      { path: `${part}.file_id`, form: 'reference', kind: 'file' },
    ]),
  }),
  answer: {
    paths: jsonPaths(
      [
        ...OUTPUTS.flatMap((item) => [...ITEM_VALUES.map((value) => `${item}.${value}`), `${item}.content[].type`]),
        ...['type', 'output_index', 'content_index'],
        ...ITEM_VALUES.map((value) => `item.${value}`),
      ],
      {
        texts: [
          ...OUTPUTS.flatMap((item) => [`${item}.content[].text`, `${item}.arguments`, `${item}.input`]),
          ...['item.arguments', 'item.input', 'delta'],
          ...['item', ...OUTPUTS].map((item) => `${item}.${IMAGE_PLACE.path}`),
        ],
        groups: OUTPUTS.flatMap((item) => [item, `${item}.content[]`]),
      },
    ),
    createReading,
  },
  reportedRequest: (messages, system) =>
    typeof system === 'string'
      ? { instructions: system, input: messages }
      : { input: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messageList(messages).map(asMessage)] },
}

function createReading(words: AnswerWords, streamed: boolean): AnswerWordsReading {
  let final = words.spare()
  let event: (string | undefined)[] = []
  let delta: BoundedText | undefined
  let eventArguments: BoundedText | undefined
  let item: (string | undefined)[] = []
  let itemArguments: BoundedText | undefined
  let partText: BoundedText | undefined
  let items = 0
  let itemsDone = 0
  let visible: BoundedText | undefined
  let isEnded = false

  const itemEnded = () => {
    if (isMessage(item[ITEM_TYPE])) final.completion.add(items, visible)
    if (isToolCall(item[ITEM_TYPE])) final.toolCalls.add(items, 0, { id: item[CALL_ID], name: item[CALL_NAME], more: itemArguments })
    if (isImage(item[ITEM_TYPE])) words.attachments.settle({ mediaType: imageMediaType(item[IMAGE_FORMAT]), order: items })
    else words.attachments.drop()
    items++
  }

  const eventEnded = () => {
    const output = positionOf(event[OUTPUT_INDEX], 0)
    switch (event[EVENT_TYPE]) {
      case '"response.output_text.delta"':
        words.completion.add(output * PARTS + Math.min(positionOf(event[CONTENT_INDEX], 0), PARTS - 1), delta)
        break
      case '"response.function_call_arguments.delta"':
      case '"response.custom_tool_call_input.delta"':
        words.toolCalls.add(output, 0, { more: delta })
        break
      case '"response.output_item.added"':
      case '"response.output_item.done"': {
        const type = event[EVENT_ITEM + ITEM_TYPE]
        if (event[EVENT_TYPE] === '"response.output_item.done"') {
          const order = positionOf(event[OUTPUT_INDEX], itemsDone++)
          if (isImage(type)) words.attachments.settle({ mediaType: imageMediaType(event[EVENT_ITEM + IMAGE_FORMAT]), order })
        }
        if (!isToolCall(type)) break
        // Done tells again what the deltas told.
        const more = words.toolCalls.has(output, 0) ? undefined : eventArguments
        words.toolCalls.add(output, 0, { id: event[EVENT_ITEM + CALL_ID], name: event[EVENT_ITEM + CALL_NAME], more })
      }
    }
  }

  const documentEnded = () => {
    if (!streamed || isFinal(event[EVENT_TYPE])) {
      // A response that ended without its items still had its deltas.
      isEnded = !final.completion.isEmpty || !final.toolCalls.isEmpty
    } else {
      eventEnded()
      if (items > 0) final = words.spare()
    }
    event = []
    delta = undefined
    eventArguments = undefined
    items = 0
  }

  return {
    value(slot, json) {
      if (slot >= EVENT) event[slot - EVENT] = json
      else item[slot % 5] = json
    },
    text(text, piece, last) {
      if (text >= EVENT_IMAGE) {
        // The final object tells again what the events told.
        if (text === EVENT_IMAGE || !words.attachments.has(items)) words.attachments.append(IMAGE_PLACE, piece, last)
      } else if (text === DELTA) delta = words.completion.append(delta, piece)
      else if (text >= EVENT_TEXTS) eventArguments = words.toolCalls.append(eventArguments, piece)
      else if (text % ITEM_TEXTS === 0) partText = words.completion.append(partText, piece)
      else itemArguments = words.toolCalls.append(itemArguments, piece)
    },
    enter(group) {
      if (isItem(group)) {
        item = []
        itemArguments = undefined
        visible = undefined
        return
      }
      item[PART_TYPE] = undefined
      partText = undefined
    },
    leave(group) {
      if (isItem(group)) return itemEnded()
      if (item[PART_TYPE] === '"output_text"') visible = final.completion.join(visible, partText)
    },
    document: documentEnded,
    words: () => (isEnded ? final : words),
  }
}
