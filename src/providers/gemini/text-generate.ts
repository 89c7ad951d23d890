import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { asObject, jsonString } from '../json/text.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { type ConversationFormat, roleNamed } from '../text/conversation-layout.ts'
import { type PromptFormat, promptLayout } from '../text/prompt-layout.ts'
import { messageList } from '../text/reported-messages.ts'
import {
  type AnswerAccumulators,
  type AnswerTextParser,
  positionOf,
  type TextFormat,
} from '../text/text-format.ts'
import type { ToolCallPart } from '../text/tool-call-accumulator.ts'

/**
 * Google's JSON takes snake_case too, and one object where a list of one is meant: its own curl
 * examples do both.
 */
const SYSTEM = ['systemInstruction', 'system_instruction'].flatMap(withParts)
const CONTENTS = ['contents', 'contents[]'].flatMap(withParts)
const PARTS = [...SYSTEM, ...CONTENTS]

const ANSWER_PART = 'candidates[].content.parts[]'
const ANSWERED = attachmentsOf([ANSWER_PART])
/** What a part may hold besides text, files and calls. */
const OTHERS = ['executableCode', 'codeExecutionResult'] as const
const VALUES = namedPaths({
  index: 'candidates[].index',
  ...within(ANSWER_PART, {
    thought: 'thought',
    callId: 'functionCall.id',
    callName: 'functionCall.name',
    callArguments: 'functionCall.args',
  }),
  others: OTHERS.map((name) => `${ANSWER_PART}.${name}`),
  mediaTypes: ANSWERED.mediaTypes,
})
const AT = VALUES.at
const TEXTS = namedPaths({
  text: `${ANSWER_PART}.text`,
  attachments: ANSWERED.attachments.map(({ path }) => path),
})
const GROUPS = namedPaths({ candidate: 'candidates[]', part: ANSWER_PART })
/** Sound without a container: what a stream carries of it are pieces of one. */
const isBareSound = (mediaType: string | null) => /^audio\/(l16|pcm)\b/i.test(mediaType ?? '')

/** Gemini generateContent and streamGenerateContent. */
export const geminiGenerateText: TextFormat = {
  prompt: promptLayout({
    places: [
      ...SYSTEM.map((part) => ({ path: `${part}.text`, section: 'system' as const })),
      ...CONTENTS.map((part) => ({ path: `${part}.text`, section: 'messages' as const })),
    ],
    parts: PARTS.map((path) => ({ path, member: 'thought', isText: isNoThought })),
    messages: ['contents', 'contents[]'].map((path) => ({ path, member: 'role', isUser })),
    ...attachmentsOf(CONTENTS),
    conversation: geminiConversation(CONTENTS),
  }),
  answer: {
    paths: jsonPaths(VALUES.list, { texts: TEXTS.list, groups: GROUPS.list }),
    isByChoice: true,
    createParser,
  },
  reportedRequest: (messages, system) => ({
    systemInstruction: system === undefined ? undefined : asGeminiContent(system),
    contents: messageList(messages).map(asGeminiContent),
  }),
}

function createParser(answer: AnswerAccumulators, streamed: boolean): AnswerTextParser {
  const { completion, toolCalls, attachments, others } = answer
  let index: string | undefined
  let candidates = 0
  let calls: ToolCallPart[] = []
  let callsSeen = 0
  /** Visible parts of the candidate, until its index is known. */
  let visible: BoundedText | undefined
  let text: BoundedText | undefined
  let part: (string | undefined)[] = []
  let partMediaType: string | undefined
  let other: string | null = null

  const partEnded = () => {
    if (isNoThought(part[AT.thought])) visible = completion.join(visible, text)
    const [id, name, whole] = [part[AT.callId], part[AT.callName], part[AT.callArguments]]
    if (name !== undefined) calls.push({ id, name, whole })
    const mediaType = jsonString(partMediaType)
    const place = positionOf(index, candidates)
    if (!isNoThought(part[AT.thought])) {
      attachments.drop()
      other ??= 'thought'
    }
    // One candidate speaks: its place identifies it as well as the index that may come after it.
    else if (streamed && isBareSound(mediaType))
      attachments.join({ mediaType, order: place, place })
    else attachments.settle({ mediaType, place })
  }
  const candidateEnded = () => {
    const candidate = positionOf(index, candidates)
    completion.add(candidate, visible)
    // A call comes whole in one chunk, and chunks do not number them.
    for (const call of calls) toolCalls.add(candidate, callsSeen++, call)
    others.add(candidate, other)
    candidates++
  }

  return {
    value(slot, json) {
      if (slot === AT.index) index = json
      else if (AT.mediaTypes.includes(slot)) partMediaType = json
      else if (AT.others.includes(slot)) other ??= OTHERS[AT.others.indexOf(slot)] ?? null
      else part[slot] = json
    },
    text(at, piece, last) {
      const place = ANSWERED.attachments[TEXTS.at.attachments.indexOf(at)]
      if (place === undefined) text = completion.append(text, piece)
      else attachments.append(place, piece, last)
    },
    enter(group) {
      if (group === GROUPS.at.candidate) {
        index = undefined
        visible = undefined
        calls = []
        other = null
        return
      }
      part = []
      partMediaType = undefined
      text = undefined
    },
    leave(group, cut) {
      if (group === GROUPS.at.candidate) candidateEnded()
      // Where a part was cut it may not have said yet that it is a thought.
      else if (!cut) partEnded()
    },
    document() {
      candidates = 0
    },
    accumulated: () => answer,
  }
}

/** A content without a role is the user's. */
export function isUser(role: string | undefined): boolean {
  return role === undefined || role === '"user"'
}

export function isNoThought(member: string | undefined): boolean {
  return member !== 'true'
}

export function withParts(holder: string): string[] {
  return [`${holder}.parts`, `${holder}.parts[]`]
}

export function attachmentsOf(
  parts: readonly string[],
): Required<Pick<PromptFormat, 'attachments' | 'mediaTypes'>> {
  const inline = parts.flatMap((part) => [`${part}.inlineData`, `${part}.inline_data`])
  const files = parts.flatMap((part) => [`${part}.fileData`, `${part}.file_data`])
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

/** What contents say besides text; `parts`: where their parts are. */
export function geminiConversation(parts: readonly string[]): ConversationFormat {
  const both = (member: string, snake: string, names: readonly string[]) =>
    [member, snake].flatMap((holder) => names.map((name) => `${holder}.${name}`))
  return {
    roleOf: (role) => (role === undefined ? 'user' : roleNamed(role)),
    calls: parts.map((path) => ({
      path,
      ids: both('functionCall', 'function_call', ['id']),
      names: both('functionCall', 'function_call', ['name']),
      values: both('functionCall', 'function_call', ['args']),
    })),
    results: parts.map((path) => ({
      path,
      ids: both('functionResponse', 'function_response', ['id']),
      names: both('functionResponse', 'function_response', ['name']),
      values: both('functionResponse', 'function_response', ['response']),
    })),
    others: parts.flatMap((path) => [
      { path, member: 'thought', name: 'thought' },
      { path, member: 'executableCode', name: 'executableCode' },
      { path, member: 'executable_code', name: 'executableCode' },
      { path, member: 'codeExecutionResult', name: 'codeExecutionResult' },
      { path, member: 'code_execution_result', name: 'codeExecutionResult' },
    ]),
  }
}

/** Gemini's content object, of one or of a message as the guide has it. */
function asGeminiContent(message: unknown): unknown {
  if (typeof message === 'string') return { parts: [{ text: message }] }
  if (Array.isArray(message)) return { parts: message }
  const { content, parts, ...rest } = asObject(message) ?? {}
  if (parts !== undefined)
    return { ...rest, parts: typeof parts === 'string' ? { text: parts } : parts }
  if (content === undefined) return { parts: [message] }
  return { ...rest, parts: typeof content === 'string' ? { text: content } : content }
}
