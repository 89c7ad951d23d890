import { asList, asObject, type JsonObject, jsonObject } from '../json/text.ts'

export interface AnswerWordsCounted {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly arguments: string }[]
}

interface Gathering {
  text: string
  readonly calls: { name: string; arguments: string }[]
  /** The last call at each place, and its id. */
  readonly current: Map<string, { readonly id: string; readonly call: { name: string; arguments: string } }>
}

type ReadEvent = (event: JsonObject, into: Gathering) => void

const READERS: Readonly<Record<string, ReadEvent>> = {
  'openai-chat': chatEvent,
  'openai-completions': chatEvent,
  'anthropic-messages': anthropicEvent,
  'openai-responses': responsesEvent,
  'gemini-interactions': interactionEvent,
}

/** What the events of a stream say in words, as far as they came. Padding (`obfuscation`) and signatures are none. */
export function answerText(format: string, events: string): AnswerWordsCounted {
  const into: Gathering = { text: '', calls: [], current: new Map() }
  const read = READERS[format]
  for (const line of events.split(/\r\n|\r|\n/)) {
    if (!line.startsWith('data:')) continue
    const event = jsonObject(line.slice('data:'.length))
    if (event !== null) read?.(event, into)
  }
  return { text: into.text, calls: into.calls }
}

function chatEvent(event: JsonObject, into: Gathering): void {
  for (const choice of asList(event.choices)) {
    const { index, delta, text } = asObject(choice) ?? {}
    const said = asObject(delta)
    into.text += word(text) + word(said?.content) + word(said?.refusal)
    const legacy = asObject(said?.function_call)
    add(into, `${index} function`, word(legacy?.name), word(legacy?.arguments))
    for (const call of asList(said?.tool_calls)) {
      const { index: at, id, function: asked } = asObject(call) ?? {}
      add(into, `${index} ${at}`, word(asObject(asked)?.name), word(asObject(asked)?.arguments), word(id))
    }
  }
}

function anthropicEvent(event: JsonObject, into: Gathering): void {
  const delta = asObject(event.delta)
  into.text += word(delta?.text) + word(delta?.thinking)
  if (delta?.partial_json !== undefined) add(into, String(event.index), '', word(delta.partial_json))
  const block = asObject(event.content_block)
  if (block?.name !== undefined) add(into, String(event.index), word(block.name), '')
}

/** Deltas of a response: what is said, and what a tool is given. Summaries of reasoning are not what is billed for it. */
const SAID = ['response.output_text.delta', 'response.refusal.delta', 'response.reasoning_text.delta']
const ASKED =
  /^response\.(function_call_arguments|custom_tool_call_input|mcp_call_arguments|code_interpreter_call_code|shell_call_command|apply_patch_call_operation_diff)\.delta$/

function responsesEvent(event: JsonObject, into: Gathering): void {
  const type = word(event.type)
  if (SAID.includes(type)) into.text += word(event.delta)
  else if (ASKED.test(type)) add(into, String(event.output_index), '', word(event.delta))
  else if (type === 'response.output_item.added') add(into, String(event.output_index), word(asObject(event.item)?.name), '')
}

/** Steps of an interaction; in earlier betas their content, whose calls come whole. */
function interactionEvent(event: JsonObject, into: Gathering): void {
  const delta = asObject(event.delta)
  if (delta?.type === 'text') into.text += word(delta.text)
  const asked = delta?.arguments
  const step = asObject(event.step)
  const name = word(step?.type === 'function_call' ? step.name : delta?.name)
  add(into, String(event.index), name, typeof asked === 'object' && asked !== null ? JSON.stringify(asked) : word(asked))
}

/** A name under another id begins another call, whatever its number. */
function add({ calls, current }: Gathering, key: string, name: string, argumentsText: string, id = ''): void {
  if (name === '' && argumentsText === '') return
  const before = current.get(key)
  const isAnother = before !== undefined && before.id !== '' && id !== '' && id !== before.id && name !== ''
  const call = before === undefined || isAnother ? { name: '', arguments: '' } : before.call
  if (call !== before?.call) calls.push(call)
  current.set(key, { id: id === '' ? (before?.id ?? '') : id, call })
  call.name += name
  call.arguments += argumentsText
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
