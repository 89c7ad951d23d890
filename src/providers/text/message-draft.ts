import type { MessagePart, MessageRole } from './conversation.ts'
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

/** Of a string that is empty. */
export const EMPTY: Stretch = { section: 'system', from: 0, to: 0, cut: false }

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
export function partOfTool(
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
