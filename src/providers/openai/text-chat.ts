import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import { asMessage, messageList } from '../text/reported-messages.ts'
import {
  type AnswerAccumulators,
  type AnswerTextParser,
  positionOf,
  type TextFormat,
} from '../text/text-format.ts'
import type { ToolCallPart } from '../text/tool-call-accumulator.ts'
import { SOUND_MEDIA_TYPES } from './text-speech.ts'

const MESSAGES = [
  { path: 'messages[].content', section: 'messages' },
  { path: 'messages[].content[].text', section: 'messages' },
] as const

const CALL = {
  id: 'id',
  index: 'index',
  functionName: 'function.name',
  customName: 'custom.name',
} as const
const HELD = {
  arguments: 'tool_calls[].function.arguments',
  input: 'tool_calls[].custom.input',
  legacyArguments: 'function_call.arguments',
  sound: 'audio.data',
} as const
// A plain answer has messages, a stream deltas; the same is wanted of both.
const VALUES = namedPaths({
  message: within('choices[].message.tool_calls[]', CALL),
  delta: within('choices[].delta.tool_calls[]', CALL),
  choiceIndex: 'choices[].index',
  legacyNames: ['choices[].message.function_call.name', 'choices[].delta.function_call.name'],
})
const TEXTS = namedPaths({
  /** The text of legacy completions stands in the choice itself. */
  visible: ['choices[].text', 'choices[].message.content', 'choices[].delta.content'],
  /** Neither is text of the answer. */
  refusal: ['choices[].message.refusal', 'choices[].delta.refusal'],
  reasoning: ['choices[].message.reasoning_content', 'choices[].delta.reasoning_content'],
  /** Sound comes whole in a message, in pieces in deltas; only the request names its format. */
  message: within('choices[].message', HELD),
  delta: within('choices[].delta', HELD),
})
const GROUPS = namedPaths({
  choice: 'choices[]',
  calls: ['choices[].message.tool_calls[]', 'choices[].delta.tool_calls[]'],
})
const SOUND_PLACE = { path: HELD.sound, form: 'base64', kind: 'audio' } as const

/** OpenAI chat completions and legacy completions; also Gemini's compatible path. */
export const openaiChatText: TextFormat = {
  prompt: promptLayout({
    places: MESSAGES,
    parts: [{ path: 'messages[].content[]', member: 'type', isText: isOneOf('text') }],
    messages: [{ path: 'messages[]', member: 'role', isUser: isOneOf('user') }],
    attachments: [
      { path: 'messages[].content[].image_url.url', form: 'link', kind: 'image' },
      { path: 'messages[].content[].input_audio.data', form: 'base64', kind: 'audio' },
      { path: 'messages[].content[].file.file_data', form: 'link', kind: 'file' },
      { path: 'messages[].content[].file.file_id', form: 'reference', kind: 'file' },
    ],
    fileNames: ['messages[].content[].file.filename'],
    answerFormat: { path: 'audio.format', mediaTypes: SOUND_MEDIA_TYPES },
    conversation: {
      calls: [
        {
          path: 'messages[].tool_calls[]',
          ids: ['id'],
          names: ['function.name', 'custom.name'],
          texts: ['function.arguments', 'custom.input'],
        },
        {
          path: 'messages[]',
          names: ['function_call.name'],
          texts: ['function_call.arguments'],
        },
      ],
      toolMessage: { path: 'messages[]', id: 'tool_call_id', name: 'name' },
      others: [
        { path: 'messages[]', member: 'refusal', name: 'refusal' },
        { path: 'messages[]', member: 'reasoning_content', name: 'reasoning' },
      ],
    },
  }),
  answer: {
    paths: jsonPaths(VALUES.list, { texts: TEXTS.list, groups: GROUPS.list }),
    isByChoice: true,
    createParser,
  },
  reportedRequest: (messages, system) => ({
    messages: [
      ...(system === undefined ? [] : [{ role: 'system', content: system }]),
      ...messageList(messages).map(asMessage),
    ],
  }),
}

function createParser(answer: AnswerAccumulators): AnswerTextParser {
  const { completion, toolCalls, attachments, others } = answer
  let index: string | undefined
  let choices = 0
  let visible: BoundedText | undefined
  let calls: { part: string | undefined; call: ToolCallPart }[] = []
  let id: string | undefined
  let name: string | undefined
  let part: string | undefined
  let more: BoundedText | undefined
  let legacyName: string | undefined
  let legacyMore: BoundedText | undefined
  let isPiece = false
  let other: string | null = null

  const choiceEnded = () => {
    const choice = positionOf(index, choices)
    completion.add(choice, visible)
    for (const [position, { part: named, call }] of calls.entries())
      toolCalls.add(choice, positionOf(named, position), call)
    if (legacyName !== undefined || legacyMore !== undefined)
      toolCalls.add(choice, 0, { name: legacyName, more: legacyMore })
    const note = { mediaType: null, place: choice }
    if (isPiece) attachments.join({ ...note, kind: 'audio', order: choice })
    else attachments.settle(note)
    others.add(choice, other)
    choices++
  }
  const choiceStarted = () => {
    index = undefined
    visible = undefined
    calls = []
    legacyName = undefined
    legacyMore = undefined
    isPiece = false
    other = null
  }

  return {
    value(slot, json) {
      switch (slot) {
        case VALUES.at.choiceIndex:
          index = json
          break
        case VALUES.at.message.id:
        case VALUES.at.delta.id:
          id = json
          break
        case VALUES.at.message.index:
        case VALUES.at.delta.index:
          part = json
          break
        default:
          if (VALUES.at.legacyNames.includes(slot)) legacyName = json
          else name = json
      }
    },
    text(text, piece, last) {
      switch (text) {
        case TEXTS.at.message.sound:
        case TEXTS.at.delta.sound:
          isPiece = text === TEXTS.at.delta.sound
          attachments.append(SOUND_PLACE, piece, last)
          break
        case TEXTS.at.message.legacyArguments:
        case TEXTS.at.delta.legacyArguments:
          legacyMore = toolCalls.append(legacyMore, piece)
          break
        default:
          if (TEXTS.at.visible.includes(text)) visible = completion.append(visible, piece)
          else if (TEXTS.at.refusal.includes(text)) other = piece === '' ? other : 'refusal'
          else if (TEXTS.at.reasoning.includes(text)) other ??= piece === '' ? null : 'reasoning'
          else more = toolCalls.append(more, piece)
      }
    },
    enter(group) {
      if (group === GROUPS.at.choice) return choiceStarted()
      id = undefined
      name = undefined
      part = undefined
      more = undefined
    },
    leave(group) {
      if (group === GROUPS.at.choice) choiceEnded()
      else calls.push({ part, call: { id, name, more } })
    },
    document() {
      choices = 0
    },
    accumulated: () => answer,
  }
}
