import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { promptLayout } from '../text/prompt-layout.ts'
import type { SocketTextFormat, SocketTextParser } from '../text/socket-text-format.ts'
import type { AnswerAccumulators } from '../text/text-format.ts'
import {
  attachmentsOf,
  geminiConversation,
  isNoThought,
  isUser,
  withParts,
} from './text-generate.ts'

// SDKs differ in how they write names, within one message too.
const SYSTEM = ['setup.systemInstruction', 'setup.system_instruction'].flatMap(withParts)
const TURNS = ['clientContent.turns', 'client_content.turns'].flatMap((turns) => [
  turns,
  `${turns}[]`,
])
const TURN_PARTS = TURNS.flatMap(withParts)
const SAID = ['realtimeInput.text', 'realtime_input.text']

const turns = geminiConversation(TURN_PARTS)

const PART = 'serverContent.modelTurn.parts[]'
const CALL = 'toolCall.functionCalls[]'
const VALUES = namedPaths({
  thought: `${PART}.thought`,
  call: within(CALL, { id: 'id', name: 'name', args: 'args' }),
  turnComplete: 'serverContent.turnComplete',
  heardEnds: 'serverContent.inputTranscription.finished',
})
const AT = VALUES.at
const TEXTS = namedPaths({
  text: `${PART}.text`,
  spoken: 'serverContent.outputTranscription.text',
  heard: 'serverContent.inputTranscription.text',
})
const GROUPS = namedPaths({ part: PART, call: CALL })

/** Gemini Live: what is spoken is read where the session asks for its transcript. */
export const geminiLiveText: SocketTextFormat = {
  prompt: promptLayout({
    places: [
      ...SYSTEM.map((part) => ({ path: `${part}.text`, section: 'system' as const })),
      ...TURN_PARTS.map((part) => ({ path: `${part}.text`, section: 'messages' as const })),
      ...SAID.map((path) => ({ path, section: 'messages' as const, isUser: true as const })),
    ],
    parts: [...SYSTEM, ...TURN_PARTS].map((path) => ({
      path,
      member: 'thought',
      isText: isNoThought,
    })),
    messages: TURNS.map((path) => ({ path, member: 'role', isUser })),
    ...attachmentsOf(TURN_PARTS),
    conversation: {
      ...turns,
      results: [
        ...(turns.results ?? []),
        ...['toolResponse.functionResponses[]', 'tool_response.function_responses[]'].map(
          (path) => ({ path, ids: ['id'], names: ['name'], values: ['response'] }),
        ),
      ],
    },
  }),
  answer: {
    paths: jsonPaths(VALUES.list, { texts: TEXTS.list, groups: GROUPS.list }),
    createParser,
  },
}

function createParser(answer: AnswerAccumulators): SocketTextParser {
  const { completion, toolCalls } = answer
  let values: (string | undefined)[] = []
  let text: BoundedText | undefined
  let spoken: BoundedText | undefined
  let heard: BoundedText | undefined
  let calls = 0
  let message: SocketTextParser['message'] = { isEnd: false, heard: undefined, isHeardWhole: false }

  return {
    value(slot, json) {
      values[slot] = json
    },
    text(at, piece) {
      if (at === TEXTS.at.text) text = completion.append(text, piece)
      else if (at === TEXTS.at.spoken) spoken = completion.append(spoken, piece)
      else heard = completion.append(heard, piece)
    },
    enter(group) {
      if (group === GROUPS.at.part) {
        values[AT.thought] = undefined
        text = undefined
      } else for (const slot of Object.values(AT.call)) values[slot] = undefined
    },
    leave(group, cut) {
      if (group === GROUPS.at.part) {
        // Where a part was cut it may not have said yet that it is a thought.
        if (!cut && isNoThought(values[AT.thought])) completion.add(0, text)
        return
      }
      const { id, name, args } = AT.call
      toolCalls.add(calls++, 0, { id: values[id], name: values[name], whole: values[args] })
    },
    document() {
      completion.add(0, spoken)
      const isEnd = values[AT.turnComplete] === 'true'
      message = { isEnd, heard, isHeardWhole: isEnd || values[AT.heardEnds] === 'true' }
      values = []
      spoken = undefined
      heard = undefined
    },
    accumulated: () => answer,
    get message() {
      return message
    },
  }
}
