import { jsonPaths } from '../json/paths.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import { asMessage, messageList } from '../text/reported-messages.ts'
import { type AnswerWords, type AnswerWordsReading, positionOf, type TextFormat } from '../text/text-format.ts'
import type { ToolCallPart } from '../text/tool-call-gathering.ts'
import { SOUND_MEDIA_TYPES } from './text-speech.ts'

const MESSAGES = [
  { path: 'messages[].content', section: 'messages' },
  { path: 'messages[].content[].text', section: 'messages' },
] as const

// A plain answer has messages, a stream deltas; the same is wanted of both.
const HOLDERS = ['choices[].message', 'choices[].delta']
const CALL_VALUES = ['id', 'index', 'function.name', 'custom.name'] as const
const CHOICE_INDEX = HOLDERS.length * CALL_VALUES.length
const LEGACY_NAMES = CHOICE_INDEX + 1
/** The text of legacy completions stands in the choice itself. */
const TEXTS = ['choices[].text', ...HOLDERS.map((holder) => `${holder}.content`)]
const CALL_TEXTS = ['tool_calls[].function.arguments', 'tool_calls[].custom.input', 'function_call.arguments'] as const
/** Sound comes whole in a message, in pieces in deltas; only the request names its format. */
const SOUND = TEXTS.length + HOLDERS.length * CALL_TEXTS.length
const SOUND_PIECE = SOUND + 1
const SOUND_PLACE = { path: 'audio.data', form: 'base64', kind: 'audio' } as const
const CHOICE = 0

/** OpenAI chat completions and legacy completions; also Gemini's compatible path. */
export const openaiChatText: TextFormat = {
  prompt: promptLayout({
    places: MESSAGES,
    parts: [{ path: 'messages[].content[]', member: 'type', isText: isOneOf('text') }],
    attachments: [
      { path: 'messages[].content[].image_url.url', form: 'link', kind: 'image' },
      { path: 'messages[].content[].input_audio.data', form: 'base64', kind: 'audio' },
      { path: 'messages[].content[].file.file_data', form: 'link', kind: 'file' },
      { path: 'messages[].content[].file.file_id', form: 'reference', kind: 'file' },
    ],
    answerFormat: { path: 'audio.format', mediaTypes: SOUND_MEDIA_TYPES },
  }),
  answer: {
    paths: jsonPaths(
      [
        ...HOLDERS.flatMap((holder) => CALL_VALUES.map((value) => `${holder}.tool_calls[].${value}`)),
        'choices[].index',
        ...HOLDERS.map((holder) => `${holder}.function_call.name`),
      ],
      {
        texts: [
          ...TEXTS,
          ...HOLDERS.flatMap((holder) => CALL_TEXTS.map((text) => `${holder}.${text}`)),
          ...HOLDERS.map((holder) => `${holder}.${SOUND_PLACE.path}`),
        ],
        groups: ['choices[]', ...HOLDERS.map((holder) => `${holder}.tool_calls[]`)],
      },
    ),
    createReading,
  },
  reportedRequest: (messages, system) => ({
    messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messageList(messages).map(asMessage)],
  }),
}

function createReading(words: AnswerWords): AnswerWordsReading {
  const { completion, toolCalls, attachments } = words
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

  const choiceEnded = () => {
    const choice = positionOf(index, choices)
    completion.add(choice, visible)
    for (const [position, { part: named, call }] of calls.entries()) toolCalls.add(choice, positionOf(named, position), call)
    if (legacyName !== undefined || legacyMore !== undefined) toolCalls.add(choice, 0, { name: legacyName, more: legacyMore })
    if (isPiece) attachments.join({ kind: 'audio', mediaType: null, order: choice })
    else attachments.settle({ mediaType: null })
    choices++
  }
  const choiceStarted = () => {
    index = undefined
    visible = undefined
    calls = []
    legacyName = undefined
    legacyMore = undefined
    isPiece = false
  }

  return {
    value(slot, json) {
      if (slot === CHOICE_INDEX) index = json
      else if (slot >= LEGACY_NAMES) legacyName = json
      else {
        const field = CALL_VALUES[slot % CALL_VALUES.length]
        if (field === 'id') id = json
        else if (field === 'index') part = json
        else name = json
      }
    },
    text(text, piece, last) {
      if (text < TEXTS.length) visible = completion.append(visible, piece)
      else if (text >= SOUND) {
        isPiece = text === SOUND_PIECE
        attachments.append(SOUND_PLACE, piece, last)
      } else if ((text - TEXTS.length) % CALL_TEXTS.length === 2) legacyMore = toolCalls.append(legacyMore, piece)
      else more = toolCalls.append(more, piece)
    },
    enter(group) {
      if (group === CHOICE) return choiceStarted()
      id = undefined
      name = undefined
      part = undefined
      more = undefined
    },
    leave(group) {
      if (group === CHOICE) choiceEnded()
      else calls.push({ part, call: { id, name, more } })
    },
    document() {
      choices = 0
    },
    words: () => words,
  }
}
