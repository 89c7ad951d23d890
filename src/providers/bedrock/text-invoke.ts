import {
  anthropicMessagesText,
  anthropicTools,
  messagesTextPaths,
} from '../anthropic/text-messages.ts'
import { jsonPaths } from '../json/paths.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { isOneOf, promptLayout } from '../text/prompt-layout.ts'
import type { AnswerAccumulators, AnswerTextParser, TextFormat } from '../text/text-format.ts'
import {
  converseAttachments,
  converseTextPaths,
  converseTools,
  createConverseTextParser,
} from './text-converse.ts'

/** Of models whose answer is one text: Llama, Titan, Mistral, and Claude before messages. */
const SINGLE_TEXTS = ['generation', 'outputText', 'results[].outputText', 'outputs[].text']
const NO_PATHS = { values: [], texts: SINGLE_TEXTS, groups: [] } as const
/** The formats that an answer may be in; no two want the same path. */
const FORMATS = [
  { ...messagesTextPaths, createParser: claudeParser },
  { ...converseTextPaths, createParser: createConverseTextParser },
  { ...NO_PATHS, createParser: createSingleTextParser },
] as const
const VALUES = FORMATS.flatMap(({ values }) => values)
const TEXTS = FORMATS.flatMap(({ texts }) => texts)
const GROUPS = FORMATS.flatMap(({ groups }) => groups)
const IMAGES = ['messages[].content[].source', 'messages[].content[].content[].source']

/**
 * InvokeModel: the bodies of Claude and Nova, and the prompts and answers of models that have one
 * string for each. What they are is read by their shape, as in `endpoints/invoke.ts`.
 */
export const bedrockInvokeText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'system', section: 'system' },
      { path: 'system[].text', section: 'system' },
      { path: 'messages[].content', section: 'messages' },
      { path: 'messages[].content[].text', section: 'messages' },
      { path: 'prompt', section: 'messages', isUser: true },
      { path: 'inputText', section: 'messages', isUser: true },
    ],
    parts: [
      // Nova's blocks have no type.
      {
        path: 'messages[].content[]',
        member: 'type',
        isText: (type) => type === undefined || type === '"text"',
      },
      { path: 'messages[].content[].content[]', member: 'type', isText: () => false },
      { path: 'messages[].content[].toolResult.content[]', member: 'type', isText: () => false },
    ],
    messages: [{ path: 'messages[]', member: 'role', isUser: isOneOf('user') }],
    attachments: [
      ...IMAGES.map((source) => ({ path: `${source}.data`, form: 'base64', kind: null }) as const),
      ...converseAttachments,
    ],
    mediaTypes: IMAGES.map((source) => `${source}.media_type`),
    conversation: {
      calls: [...anthropicTools.calls, ...converseTools.calls],
      results: [...anthropicTools.results, ...converseTools.results],
    },
  }),
  answer: { paths: jsonPaths(VALUES, { texts: TEXTS, groups: GROUPS }), createParser },
  reportedRequest: anthropicMessagesText.reportedRequest,
}

function claudeParser(answer: AnswerAccumulators): AnswerTextParser {
  const { answer: format } = anthropicMessagesText
  if (format === null) throw new Error('messages have answers')
  return format.createParser(answer, false)
}

/** All formats at once: each sees its own paths, and no answer has those of two. */
function createParser(answer: AnswerAccumulators): AnswerTextParser {
  const parsers = FORMATS.map(({ createParser: create }) => create(answer))
  const [ofValue, ofText, ofGroup] = (['values', 'texts', 'groups'] as const).map((kind) =>
    FORMATS.flatMap((format, index) =>
      format[kind].map((_, slot) => ({ parser: parsers[index], slot })),
    ),
  )
  return {
    value(slot, json) {
      const to = ofValue?.[slot]
      to?.parser?.value(to.slot, json)
    },
    text(place, piece, last) {
      const to = ofText?.[place]
      to?.parser?.text(to.slot, piece, last)
    },
    enter(group) {
      const to = ofGroup?.[group]
      to?.parser?.enter(to.slot)
    },
    leave(group, cut) {
      const to = ofGroup?.[group]
      to?.parser?.leave(to.slot, cut)
    },
    document() {
      for (const parser of parsers) parser.document()
    },
    accumulated: () => answer,
  }
}

function createSingleTextParser(answer: AnswerAccumulators): AnswerTextParser {
  const { completion } = answer
  let text: BoundedText | undefined
  return {
    value() {},
    text(_, piece) {
      text = completion.append(text, piece)
    },
    enter() {},
    leave() {},
    document() {
      completion.add(0, text)
      text = undefined
    },
    accumulated: () => answer,
  }
}
