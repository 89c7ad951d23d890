import type { MessagePart, MessageRole, TextSpan } from './conversation.ts'
import { type ConversationGroup, nameIn } from './conversation-layout.ts'
import type { PromptPiece } from './prompt-accumulator.ts'

/** A stretch that may still grow, of a section of the prompt or of the texts of tools. */
export interface Stretch {
  readonly section: PromptPiece['section'] | 'tools'
  readonly from: number
  to: number
  cut: boolean
}

interface ToolDraft<Type> {
  readonly type: Type
  readonly id: string | null
  readonly name: string | null
  /** Arguments, or the result; null where there are none, or they are over the bound. */
  readonly text: Stretch | null
}

/** A part of a message, with stretches in the place of spans. */
export type DraftPart =
  | { readonly type: 'text'; readonly text: Stretch }
  | ToolDraft<'toolCall'>
  | ToolDraft<'toolResult'>
  | Extract<MessagePart, { type: 'attachment' | 'other' }>

export interface MessageDraft {
  role: MessageRole | null
  parts: DraftPart[]
}

/** An object of the request that is being read. */
export interface OpenGroup {
  readonly group: ConversationGroup
  readonly index: number
  /** JSON texts by slot; null for one over the bound. */
  readonly values: Map<number, string | null>
  readonly message: MessageDraft | null
  /** Its text in the prompt. */
  text: Stretch | null
  /** Its arguments or its result, among the texts of tools. */
  tool: Stretch | null
  /** What stands in it and comes after it. */
  held: DraftPart[]
}

/** How a group turned out. */
export interface EndedGroup {
  /** Its text belongs to the prompt. */
  readonly isText: boolean
  /** How many attachments the request had before it, and has with it. */
  readonly attachments: readonly [before: number, after: number]
  /** Its end never came. */
  readonly cut: boolean
}

/** Of a string that is empty. */
const EMPTY: Stretch = { section: 'system', from: 0, to: 0, cut: false }

/** The stretch with the next piece of it, which may be the first. */
export function grown(stretch: Stretch | null, { section, from, to, cut }: Stretch): Stretch {
  if (stretch === null) return { section, from, to, cut }
  stretch.to = to
  stretch.cut ||= cut
  return stretch
}

/** Its text turned out not to belong to the prompt. */
export function dropPromptText(open: OpenGroup): void {
  const isOther = (part: DraftPart) => part.type !== 'text'
  open.text = null
  open.held = open.held.filter(isOther)
  if (open.message !== null) open.message.parts = open.message.parts.filter(isOther)
}

/** A value that says something: not `false`, and no empty string. */
export function isPresent(json: string | null | undefined): boolean {
  return json !== undefined && json !== 'false' && json !== '""'
}

/** The call of a tool, or its result, that an object is; null for any other. */
function partOfTool(
  { group, values, tool }: OpenGroup,
  type: string | undefined,
): DraftPart | null {
  const first = (slots: readonly number[]) =>
    slots.map((slot) => values.get(slot)).find((json) => json !== undefined)
  for (const [kind, places] of [
    ['toolCall', group.calls],
    ['toolResult', group.results],
  ] as const) {
    for (const { types, ids, names } of places) {
      const id = first(ids)
      const name = first(names)
      const isIt =
        types === null ? (id ?? name) != null : type !== undefined && types.includes(type)
      if (!isIt) continue
      return { type: kind, id: nameIn(id), name: nameIn(name), text: tool }
    }
  }
  return null
}

/** The text of a message of the role `tool` is what the tool gave back, also where it is empty. */
export function asResults(
  parts: readonly DraftPart[],
  id: string | null,
  name: string | null,
): DraftPart[] {
  const results = parts.map(
    (part): DraftPart =>
      part.type === 'text' ? { type: 'toolResult', id, name, text: part.text } : part,
  )
  const hasResult = results.some(({ type }) => type === 'toolResult')
  return hasResult ? results : [{ type: 'toolResult', id, name, text: EMPTY }, ...results]
}

/** What an object is, besides what it holds: one part, or none. */
export function mainPart(
  open: OpenGroup,
  type: string | undefined,
  ended: EndedGroup,
): DraftPart[] {
  const { group, values } = open
  const tool = partOfTool(open, type)
  if (tool !== null) return [tool]
  if (open.text !== null) return [{ type: 'text', text: open.text }]
  if (ended.attachments[0] < ended.attachments[1] || ended.cut || !group.isPart) return []
  const other = group.others.find(({ slot }) => isPresent(values.get(slot)))
  if (other !== undefined) return [{ type: 'other', name: other.name }]
  if (!ended.isText) return [{ type: 'other', name: type ?? null }]
  // An empty text; an object without a type that holds nothing known is something else.
  if (group.isMessage) return []
  return type === undefined ? [{ type: 'other', name: null }] : [{ type: 'text', text: EMPTY }]
}

/** The part as it is kept. `messagesAt`: where the messages begin in the whole prompt. */
export function drawnUp(part: DraftPart, messagesAt: number): MessagePart {
  const span = ({ section, from, to, cut }: Stretch): TextSpan => {
    const at = section === 'messages' ? messagesAt : 0
    return { of: section === 'tools' ? 'tools' : 'prompt', from: at + from, to: at + to, cut }
  }
  if (part.type === 'text') return { ...part, text: span(part.text) }
  if (part.type !== 'toolCall' && part.type !== 'toolResult') return part
  const { type, id, name } = part
  const text = part.text === null ? null : span(part.text)
  return type === 'toolCall' ? { type, id, name, arguments: text } : { type, id, name, text }
}
