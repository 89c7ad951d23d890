import { namedPaths } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { jsonString } from '../json/text.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import type { MessageRole } from '../text/conversation.ts'
import { type RoleOf, roleNamed } from '../text/conversation-layout.ts'
import type { AttachmentKind } from '../text/exchange-text.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import {
  type AnswerAccumulators,
  type AnswerTextParser,
  positionOf,
  type TextFormat,
} from '../text/text-format.ts'

/** Steps that are text of either side; earlier betas had turns, which have no type. */
const isTurn = (type: string | undefined) =>
  type === undefined || isOneOf('user_input', 'model_output', 'text')(type)
/** Steps have a type that says whose they are, turns a role. */
const ROLES_BY_TYPE: ReadonlyMap<string, MessageRole> = new Map([
  ...['user_input', 'text', 'image', 'audio', 'video', 'document'].map(
    (type) => [type, 'user'] as const,
  ),
  ...['model_output', 'thought', 'function_call'].map((type) => [type, 'assistant'] as const),
  ['function_result', 'tool'],
])
const isUser = (role: string | undefined, type: string | undefined) =>
  isOneOf('user_input', 'text')(type) ||
  (type === undefined && (role === undefined || role === '"user"'))
const roleOf: RoleOf = (role, type) => {
  if (type === undefined) return role === undefined ? 'user' : roleNamed(role)
  return ROLES_BY_TYPE.get(type) ?? null
}
const isText = isOneOf('text')
const isOutput = isOneOf('model_output')
const KINDS: ReadonlyMap<string, AttachmentKind> = new Map([
  ['"image"', 'image'],
  ['"audio"', 'audio'],
  ['"video"', 'video'],
  ['"document"', 'file'],
])
const isDelta = isOneOf('step.delta', 'content.delta')

// Of a plain answer the steps and what they hold (earlier betas: outputs), of an event what is new
// of one step.
const HOLDERS = ['steps[].content[]', 'outputs[]', 'delta'] as const
const ATTACHED = HOLDERS.flatMap((holder) => [
  { path: `${holder}.data`, form: 'base64', kind: null } as const,
  { path: `${holder}.uri`, form: 'reference', kind: null } as const,
])
const TEXT = '"text"'
const VALUES = namedPaths({
  types: HOLDERS.map((holder) => `${holder}.type`),
  mediaTypes: HOLDERS.map((holder) => `${holder}.mime_type`),
  stepType: 'steps[].type',
  eventType: 'event_type',
  index: 'index',
})
const AT = VALUES.at
const GROUPS = namedPaths({ step: 'steps[]', part: 'steps[].content[]', output: 'outputs[]' })

/**
 * Gemini interactions: the new turn only, since the history is the server's. Of their answers what
 * the model put out: no thoughts, no tools.
 */
export const geminiInteractionsText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'system_instruction', section: 'system' },
      { path: 'input', section: 'messages', isUser: true },
      { path: 'input.text', section: 'messages', isUser: true },
      { path: 'input[].text', section: 'messages' },
      { path: 'input[].content', section: 'messages' },
      { path: 'input[].content[].text', section: 'messages' },
    ],
    parts: [
      { path: 'input', member: 'type', isText },
      { path: 'input[]', member: 'type', isText: isTurn },
      { path: 'input[].content[]', member: 'type', isText },
    ],
    messages: [{ path: 'input[]', member: 'role', isUser }],
    attachments: ['input', 'input[]', 'input[].content[]'].flatMap((part) => [
      { path: `${part}.data`, form: 'base64', kind: null },
      { path: `${part}.uri`, form: 'reference', kind: null },
    ]),
    mediaTypes: ['input', 'input[]', 'input[].content[]'].map((part) => `${part}.mime_type`),
    conversation: {
      roleOf,
      calls: ['input', 'input[]'].map((path) => ({
        path,
        types: ['function_call'],
        ids: ['id'],
        names: ['name'],
        values: ['arguments'],
      })),
      results: ['input', 'input[]'].map((path) => ({
        path,
        types: ['function_result'],
        ids: ['call_id'],
        names: ['name'],
        values: ['result'],
      })),
    },
  }),
  answer: {
    paths: jsonPaths(VALUES.list, {
      texts: [...ATTACHED.map(({ path }) => path), ...HOLDERS.map((holder) => `${holder}.text`)],
      groups: GROUPS.list,
    }),
    createParser,
  },
  reportedRequest: (messages, system) => ({ system_instruction: system, input: messages }),
}

/** What a part, or a delta, says of itself; JSON text. */
interface Held {
  type?: string
  mediaType?: string
}

function createParser(answer: AnswerAccumulators): AnswerTextParser {
  const { attachments, completion } = answer
  let held: Held = {}
  /** Of the part, and of its step. */
  let said: BoundedText | undefined
  let stepSaid: BoundedText | undefined
  let steps = 0
  let stepType: string | undefined
  let eventType: string | undefined
  let index: string | undefined

  const note = () => ({
    kind: KINDS.get(held.type ?? '') ?? null,
    mediaType: jsonString(held.mediaType),
    place: isDelta(eventType) ? positionOf(index, 0) : steps,
  })
  const settle = () => {
    if (KINDS.has(held.type ?? '')) attachments.settle(note())
    else attachments.drop()
  }

  return {
    value(slot, json) {
      if (slot === AT.stepType) stepType = json
      else if (slot === AT.eventType) eventType = json
      else if (slot === AT.index) index = json
      else if (AT.types.includes(slot)) held.type = json
      else held.mediaType = json
    },
    text(text, piece, last) {
      const place = ATTACHED[text]
      if (place !== undefined) attachments.append(place, piece, last)
      else said = completion.append(said, piece)
    },
    enter(group) {
      held = {}
      said = undefined
      if (group !== GROUPS.at.step) return
      stepType = undefined
      stepSaid = undefined
      // A step may say only at its end that it is the model's.
      attachments.mark()
    },
    leave(group) {
      if (group === GROUPS.at.step) {
        attachments.release(isOutput(stepType))
        if (isOutput(stepType)) completion.add(steps, stepSaid)
        steps += 1
      } else {
        if (held.type === TEXT && group === GROUPS.at.output) completion.add(steps++, said)
        else if (held.type === TEXT) stepSaid = completion.join(stepSaid, said)
        settle()
      }
      held = {}
      said = undefined
    },
    document() {
      if (isDelta(eventType)) {
        // Sound comes in pieces, everything else whole.
        if (held.type === '"audio"') attachments.join({ ...note(), order: positionOf(index, 0) })
        else settle()
        if (held.type === TEXT) completion.add(positionOf(index, 0), said)
      }
      held = {}
      said = undefined
      steps = 0
      eventType = undefined
      index = undefined
    },
    accumulated: () => answer,
  }
}
