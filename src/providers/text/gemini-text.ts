import { jsonPaths } from '../json-paths.ts'
import type { BoundedText } from './bounded-text.ts'
import { type PromptFormat, promptLayout } from './prompt-layout.ts'
import { asGeminiContent, messageList } from './reported-messages.ts'
import { type AnswerWords, type AnswerWordsReading, positionOf, type TextFormat } from './text-format.ts'
import type { ToolCallPart } from './tool-call-gathering.ts'

/** Google's JSON takes snake_case too, and one object where a list of one is meant: its own curl examples do both. */
const SYSTEM = ['systemInstruction', 'system_instruction'].flatMap(withParts)
const CONTENTS = ['contents', 'contents[]'].flatMap(withParts)
const PARTS = [...SYSTEM, ...CONTENTS]

const INDEX = 0
const THOUGHT = 1
const CALL_ID = 2
const CALL_NAME = 3
const CALL_ARGUMENTS = 4
const CANDIDATE = 0

/** Gemini generateContent and streamGenerateContent. */
export const geminiText: TextFormat = {
  prompt: promptLayout({
    places: [
      ...SYSTEM.map((part) => ({ path: `${part}.text`, section: 'system' as const })),
      ...CONTENTS.map((part) => ({ path: `${part}.text`, section: 'messages' as const })),
    ],
    parts: PARTS.map((path) => ({ path, member: 'thought', isText: isNoThought })),
    ...geminiAttachments(),
  }),
  answer: {
    paths: jsonPaths(
      [
        'candidates[].index',
        'candidates[].content.parts[].thought',
        'candidates[].content.parts[].functionCall.id',
        'candidates[].content.parts[].functionCall.name',
        'candidates[].content.parts[].functionCall.args',
      ],
      { texts: ['candidates[].content.parts[].text'], groups: ['candidates[]', 'candidates[].content.parts[]'] },
    ),
    createReading,
  },
  reportedRequest: (messages, system) => ({
    systemInstruction: system === undefined ? undefined : asGeminiContent(system),
    contents: messageList(messages).map(asGeminiContent),
  }),
}

function createReading(words: AnswerWords): AnswerWordsReading {
  const { completion, toolCalls } = words
  let index: string | undefined
  let candidates = 0
  let calls: ToolCallPart[] = []
  let callsSeen = 0
  /** Visible parts of the candidate, until its index is known. */
  let visible: BoundedText | undefined
  let text: BoundedText | undefined
  let part: (string | undefined)[] = []

  const partEnded = () => {
    if (isNoThought(part[THOUGHT])) visible = completion.join(visible, text)
    const [id, name, whole] = [part[CALL_ID], part[CALL_NAME], part[CALL_ARGUMENTS]]
    if (name !== undefined) calls.push({ id, name, whole })
  }
  const candidateEnded = () => {
    const candidate = positionOf(index, candidates)
    completion.add(candidate, visible)
    // A call comes whole in one chunk, and chunks do not number them.
    for (const call of calls) toolCalls.add(candidate, callsSeen++, call)
    candidates++
  }

  return {
    value(slot, json) {
      if (slot === INDEX) index = json
      else part[slot] = json
    },
    text(_, piece) {
      text = completion.append(text, piece)
    },
    enter(group) {
      if (group === CANDIDATE) {
        index = undefined
        visible = undefined
        calls = []
        return
      }
      part = []
      text = undefined
    },
    leave(group, cut) {
      if (group === CANDIDATE) candidateEnded()
      // Where a part was cut it may not have said yet that it is a thought.
      else if (!cut) partEnded()
    },
    document() {
      candidates = 0
    },
    words: () => words,
  }
}

function isNoThought(member: string | undefined): boolean {
  return member !== 'true'
}

function withParts(holder: string): string[] {
  return [`${holder}.parts`, `${holder}.parts[]`]
}

function geminiAttachments(): Pick<PromptFormat, 'attachments' | 'mediaTypes'> {
  const inline = CONTENTS.flatMap((part) => [`${part}.inlineData`, `${part}.inline_data`])
  const files = CONTENTS.flatMap((part) => [`${part}.fileData`, `${part}.file_data`])
  return {
    attachments: [
      ...inline.map((path) => ({ path: `${path}.data`, form: 'base64' as const, kind: null })),
      ...files.flatMap((path) => [
        { path: `${path}.fileUri`, form: 'reference' as const, kind: null },
        { path: `${path}.file_uri`, form: 'reference' as const, kind: null },
      ]),
    ],
    mediaTypes: [...inline, ...files].flatMap((path) => [`${path}.mimeType`, `${path}.mime_type`]),
  }
}
