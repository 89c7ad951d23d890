import { namedPaths, within } from '../json/named-paths.ts'
import { type JsonPaths, jsonPaths } from '../json/paths.ts'
import { jsonString } from '../json/text.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { type RoleOf, roleNamed } from '../text/conversation-layout.ts'
import { isOneOf, type PromptFormat, promptLayout } from '../text/prompt-layout.ts'
import { asMessage, messageList } from '../text/reported-messages.ts'
import type { SocketTextParser } from '../text/socket-text-format.ts'
import { type AnswerAccumulators, positionOf, type TextFormat } from '../text/text-format.ts'
import { imageMediaType } from './text-images.ts'

const isMessage = (type: string | undefined) => type === undefined || type === '"message"'
const isImage = isOneOf('image_generation_call')
const isToolCall = isOneOf('function_call', 'custom_tool_call')
const isOtherItem = (type: string | undefined) =>
  !isMessage(type) && !isImage(type) && !isToolCall(type)
/** Events that carry the response as it ended; the last one is the realtime API's. */
const isFinal = isOneOf(
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.done',
)
const isTextDelta = isOneOf(
  'response.output_text.delta',
  // Of the realtime API, and of its beta: what is spoken comes with its transcript.
  'response.output_audio_transcript.delta',
  'response.text.delta',
  'response.audio_transcript.delta',
)
const isText = isOneOf('output_text')
const isTextOrSpoken = isOneOf('output_text', 'text', 'output_audio', 'audio')
/** What the user said aloud, as the provider heard it. */
const isHeard = isOneOf('conversation.item.input_audio_transcription.completed')

const ITEM = {
  type: 'type',
  callId: 'call_id',
  name: 'name',
  imageFormat: 'output_format',
  partType: 'content[].type',
} as const
const ITEM_TEXTS = {
  text: 'content[].text',
  transcript: 'content[].transcript',
  arguments: 'arguments',
  input: 'input',
  image: 'result',
} as const
const ITEM_GROUPS = { part: 'content[]' } as const
// A plain answer is the response object; events of a stream carry it as `response`, or one item of
// it as `item`.
const VALUES = namedPaths({
  plain: within('output[]', ITEM),
  wrapped: within('response.output[]', ITEM),
  type: 'type',
  outputIndex: 'output_index',
  contentIndex: 'content_index',
  eventItem: within('item', {
    type: 'type',
    callId: 'call_id',
    name: 'name',
    imageFormat: 'output_format',
  }),
})
const AT = VALUES.at
const TEXTS = namedPaths({
  plain: within('output[]', ITEM_TEXTS),
  wrapped: within('response.output[]', ITEM_TEXTS),
  eventItem: within('item', { arguments: 'arguments', input: 'input', image: 'result' }),
  delta: 'delta',
  heard: 'transcript',
})
const GROUPS = namedPaths({
  plain: { item: 'output[]', ...within('output[]', ITEM_GROUPS) },
  wrapped: { item: 'response.output[]', ...within('response.output[]', ITEM_GROUPS) },
})
const IMAGE_PLACE = { path: ITEM_TEXTS.image, form: 'base64', kind: 'image' } as const
/** So many parts of one message are kept apart, as long as they come in deltas. */
const PARTS = 1_024

type PromptFormatOfItem = Pick<
  PromptFormat,
  'places' | 'parts' | 'messages' | 'attachments' | 'fileNames' | 'conversation'
>

/** Items that are no messages are the model's, or give back what a tool said. */
const roleOf: RoleOf = (role, type) => {
  if (type === undefined || type === 'message') return roleNamed(role)
  if (type.endsWith('_call_output')) return 'tool'
  return type.endsWith('_call') || type === 'reasoning' ? 'assistant' : null
}

/** Where the text stands of an item of the input, or of a list of them. */
export function promptOfItem(item: string): Required<PromptFormatOfItem> {
  return {
    places: [
      { path: `${item}.content`, section: 'messages' },
      { path: `${item}.content[].text`, section: 'messages' },
    ],
    parts: [
      { path: item, member: 'type', isText: isMessage },
      {
        path: `${item}.content[]`,
        member: 'type',
        isText: isOneOf('input_text', 'output_text', 'text'),
      },
      // What a tool gave back: no prompt text, but it may hold images.
      { path: `${item}.output[]`, member: 'type', isText: () => false },
    ],
    messages: [{ path: item, member: 'role', isUser: isOneOf('user') }],
    attachments: [`${item}.content[]`, `${item}.output[]`].flatMap((part) => [
      { path: `${part}.image_url`, form: 'link', kind: 'image' },
      { path: `${part}.input_audio.data`, form: 'base64', kind: 'audio' },
      { path: `${part}.file_data`, form: 'link', kind: 'file' },
      { path: `${part}.file_url`, form: 'link', kind: 'file' },
      { path: `${part}.file_id`, form: 'reference', kind: 'file' },
    ]),
    fileNames: [`${item}.content[].filename`, `${item}.output[].filename`],
    conversation: {
      roleOf,
      calls: [
        {
          path: item,
          types: ['function_call', 'custom_tool_call'],
          ids: ['call_id'],
          names: ['name'],
          texts: ['arguments', 'input'],
        },
      ],
      results: [
        {
          path: item,
          types: ['function_call_output', 'custom_tool_call_output'],
          ids: ['call_id'],
          texts: ['output', 'output[].text'],
        },
      ],
    },
  }
}

const ITEMS = promptOfItem('input[]')

/** OpenAI responses. */
export const openaiResponsesText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'instructions', section: 'system' },
      { path: 'input', section: 'messages', isUser: true },
      ...ITEMS.places,
    ],
    parts: ITEMS.parts,
    messages: ITEMS.messages,
    attachments: ITEMS.attachments,
    fileNames: ITEMS.fileNames,
    conversation: ITEMS.conversation,
  }),
  answer: { paths: responsesTextPaths(), createParser: createResponsesTextParser },
  reportedRequest: (messages, system) =>
    typeof system === 'string'
      ? { instructions: system, input: messages }
      : {
          input: [
            ...(system === undefined ? [] : [{ role: 'system', content: system }]),
            ...messageList(messages).map(asMessage),
          ],
        },
}

/** As `createResponsesTextParser` reads them. */
export function responsesTextPaths(): JsonPaths {
  return jsonPaths(VALUES.list, { texts: TEXTS.list, groups: GROUPS.list })
}

function isItem(group: number): boolean {
  return group === GROUPS.at.plain.item || group === GROUPS.at.wrapped.item
}

/**
 * Reads one response: as a document, or as the events of a stream. `isSocket`: of a websocket, whose
 * parts may be spoken.
 */
export function createResponsesTextParser(
  answer: AnswerAccumulators,
  streamed: boolean,
  isSocket = false,
): SocketTextParser {
  let final = answer.spare()
  let values: (string | undefined)[] = []
  let delta: BoundedText | undefined
  let eventArguments: BoundedText | undefined
  /** Where the values of the item stand that is being read. */
  let item: typeof AT.plain = AT.plain
  let itemArguments: BoundedText | undefined
  let partText: BoundedText | undefined
  let items = 0
  let itemsDone = 0
  let visible: BoundedText | undefined
  let isEnded = false
  let heard: BoundedText | undefined
  let message: SocketTextParser['message'] = { isEnd: false, heard: undefined, isHeardWhole: false }
  const isVisible = isSocket ? isTextOrSpoken : isText

  const itemEnded = () => {
    if (isMessage(values[item.type])) final.completion.add(items, visible)
    if (isToolCall(values[item.type]))
      final.toolCalls.add(items, 0, {
        id: values[item.callId],
        name: values[item.name],
        more: itemArguments,
      })
    if (isImage(values[item.type]))
      answer.attachments.settle({
        mediaType: imageMediaType(values[item.imageFormat]),
        order: items,
        place: items,
      })
    else {
      answer.attachments.drop()
      if (isOtherItem(values[item.type])) final.others.add(items, jsonString(values[item.type]))
    }
    items++
  }

  const eventEnded = () => {
    const output = positionOf(values[AT.outputIndex], 0)
    if (isTextDelta(values[AT.type]))
      answer.completion.add(
        output + Math.min(positionOf(values[AT.contentIndex], 0), PARTS - 1) / PARTS,
        delta,
      )
    switch (values[AT.type]) {
      case '"response.function_call_arguments.delta"':
      case '"response.custom_tool_call_input.delta"':
        answer.toolCalls.add(output, 0, { more: delta })
        break
      case '"response.output_item.added"':
      case '"response.output_item.done"': {
        const type = values[AT.eventItem.type]
        if (values[AT.type] === '"response.output_item.done"') {
          const order = positionOf(values[AT.outputIndex], itemsDone++)
          if (isImage(type))
            answer.attachments.settle({
              mediaType: imageMediaType(values[AT.eventItem.imageFormat]),
              order,
              place: order,
            })
        }
        if (isOtherItem(type)) answer.others.add(output, jsonString(type))
        if (!isToolCall(type)) break
        // Done repeats what the deltas said.
        const more = answer.toolCalls.has(output, 0) ? undefined : eventArguments
        answer.toolCalls.add(output, 0, {
          id: values[AT.eventItem.callId],
          name: values[AT.eventItem.name],
          more,
        })
      }
    }
  }

  const documentEnded = () => {
    if (!streamed || isFinal(values[AT.type])) {
      // A response that ended without its items still had its deltas.
      isEnded = !streamed || !final.completion.isEmpty || !final.toolCalls.isEmpty
    } else {
      eventEnded()
      if (items > 0) final = answer.spare()
    }
    message = {
      isEnd: isFinal(values[AT.type]),
      heard: isHeard(values[AT.type]) ? heard : undefined,
      isHeardWhole: true,
    }
    values = []
    heard = undefined
    delta = undefined
    eventArguments = undefined
    items = 0
  }

  return {
    value(slot, json) {
      values[slot] = json
    },
    text(text, piece, last) {
      switch (text) {
        case TEXTS.at.delta:
          delta = answer.completion.append(delta, piece)
          break
        case TEXTS.at.eventItem.arguments:
        case TEXTS.at.eventItem.input:
          eventArguments = answer.toolCalls.append(eventArguments, piece)
          break
        case TEXTS.at.eventItem.image:
          answer.attachments.append(IMAGE_PLACE, piece, last)
          break
        case TEXTS.at.plain.image:
        case TEXTS.at.wrapped.image:
          // The final object repeats what the events said.
          if (!answer.attachments.has(items)) answer.attachments.append(IMAGE_PLACE, piece, last)
          break
        case TEXTS.at.heard:
          heard = answer.completion.append(heard, piece)
          break
        case TEXTS.at.plain.text:
        case TEXTS.at.wrapped.text:
        case TEXTS.at.plain.transcript:
        case TEXTS.at.wrapped.transcript:
          partText = answer.completion.append(partText, piece)
          break
        default:
          itemArguments = answer.toolCalls.append(itemArguments, piece)
      }
    },
    enter(group) {
      if (!isItem(group)) {
        values[item.partType] = undefined
        partText = undefined
        return
      }
      item = group === GROUPS.at.plain.item ? AT.plain : AT.wrapped
      for (const slot of Object.values(item)) values[slot] = undefined
      itemArguments = undefined
      visible = undefined
    },
    leave(group) {
      if (isItem(group)) return itemEnded()
      if (isVisible(values[item.partType])) visible = final.completion.join(visible, partText)
      else final.others.add(items, jsonString(values[item.partType]))
    },
    document: documentEnded,
    get message() {
      return message
    },
    accumulated: () => (isEnded ? final : answer),
  }
}
