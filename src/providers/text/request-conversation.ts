import { jsonString } from '../json/text.ts'
import type { Conversation, MessageRole } from './conversation.ts'
import { type ConversationLayout, MAX_NAME_JSON, nameIn } from './conversation-layout.ts'
import {
  asResults,
  type DraftPart,
  drawnUp,
  dropPromptText,
  type EndedGroup,
  grown,
  isPresent,
  type MessageDraft,
  mainPart,
  type OpenGroup,
} from './message-draft.ts'
import type { PromptPiece } from './prompt-accumulator.ts'
import { ToolTexts } from './tool-texts.ts'

/** Of messages and parts together: far more than a model's context has. */
const MAX_PARTS = 65_536
/** What a part costs in memory, besides its text and names. */
const PART_BYTES = 128

/**
 * Gathers the messages of a request beside its prompt. Text of the prompt is not kept again: a part
 * says where in it its text stands.
 */
export class RequestConversation {
  readonly #layout: ConversationLayout
  readonly #system: MessageDraft = { role: 'system', parts: [] }
  readonly #messages: MessageDraft[] = []
  readonly #tools: ToolTexts
  readonly #open: OpenGroup[] = []
  #parts = 0
  #nameBytes = 0
  #truncated = false

  constructor(layout: ConversationLayout, maxBytes: number) {
    this.#layout = layout
    this.#tools = new ToolTexts(maxBytes)
  }

  /** UTF-8 of the texts of tools, and what messages and names cost besides. */
  get bytes(): number {
    return this.#tools.bytes + this.#nameBytes + this.#parts * PART_BYTES
  }

  /** How many messages have begun, without the system's. */
  get length(): number {
    return this.#messages.length
  }

  /** The next of a piece of the prompt. */
  promptText(piece: PromptPiece): void {
    const open = this.#open.at(-1)
    if (open !== undefined && open.message === null) open.text = grown(open.text, piece)
    else this.#messageText(open?.message ?? this.#looseMessage(piece), piece)
  }

  /** The next of a string; of one that is no tool's nothing is kept here. */
  text(text: number, piece: string, last: boolean): void {
    const open = this.#holder(this.#layout.toolOfText[text])
    if (open !== undefined) open.tool = this.#tools.append(open.tool, piece, last)
  }

  /** `json`: null for one over the bound. */
  value(slot: number, json: string | null): void {
    // Of what is no name only that it is there.
    const name = json !== null && json.length <= MAX_NAME_JSON ? json : null
    this.#holder(this.#layout.holderOfValue[slot])?.values.set(slot, name)
    const open = this.#holder(this.#layout.toolOfValue[slot])
    if (open === undefined) return
    open.tool =
      json === null
        ? this.#tools.miss(open.tool)
        : this.#tools.append(open.tool, jsonString(json) ?? json, true)
  }

  #holder(index = -1): OpenGroup | undefined {
    return index < 0 ? undefined : this.#open.findLast((open) => open.index === index)
  }

  enter(index: number): void {
    const group = this.#layout.groups[index]
    if (group === undefined) return
    const message = group.isMessage ? this.#message(null) : null
    this.#open.push({
      group,
      index,
      values: new Map(),
      message,
      text: null,
      tool: null,
      held: [],
    })
  }

  leave(ended: EndedGroup): void {
    const open = this.#open.pop()
    if (open === undefined) return
    this.#tools.ended()
    const type = nameIn(open.values.get(open.group.typeSlot)) ?? undefined
    if (!ended.isText) dropPromptText(open)
    const main = mainPart(open, type, ended)
    const [before, after] = ended.attachments
    const attached = Array.from({ length: after - before }, (_, at) => ({
      type: 'attachment' as const,
      index: before + at,
    }))
    if (open.message === null) this.#emit(open, [...main, ...attached, ...open.held])
    else this.#messageEnded(open, open.message, type, main, attached)
  }

  /** Text of the system from here on is not kept, being what was said before. */
  systemRolledBack(units: number): void {
    const { parts } = this.#system
    for (
      let last = parts.at(-1);
      last?.type === 'text' && last.text.from >= units;
      last = parts.at(-1)
    ) {
      parts.pop()
      this.#parts -= 1
    }
  }

  /** `messagesAt`: where the text of the messages begins in the whole prompt. */
  result(messagesAt: number): Conversation {
    const system = this.#system.parts.length === 0 ? [] : [this.#system]
    return {
      messages: [...system, ...this.#messages].map(({ role, parts }) => ({
        role,
        parts: parts.map((part) => drawnUp(part, messagesAt)),
      })),
      toolText: `${this.#tools}`,
      truncated: this.#truncated || this.#tools.truncated,
    }
  }

  /** Parts of a message, or what stands in a part and is shown behind it. */
  #emit(open: OpenGroup, parts: readonly DraftPart[]): void {
    const holder = this.#open.at(-1)
    if (holder !== undefined && holder.message === null) {
      // Of what a tool gave back text is in its result already.
      const isOfTool = holder.tool !== null
      const shown = parts.filter(({ type }) => type === 'attachment' || !isOfTool)
      if (shown.length > 0) holder.held.push(...shown)
      return
    }
    const isSystem = open.group.isSystem || open.text?.section === 'system'
    const role = parts[0]?.type === 'toolResult' ? 'tool' : 'user'
    const message = holder?.message ?? (isSystem ? this.#system : this.#message(role))
    for (const part of parts) this.#add(message, part)
  }

  #messageEnded(
    { group, values, held }: OpenGroup,
    message: MessageDraft,
    type: string | undefined,
    main: readonly DraftPart[],
    attached: readonly DraftPart[],
  ): void {
    const role = nameIn(values.get(group.roleSlot)) ?? undefined
    message.role = this.#layout.roleOf(role, type)
    const [first] = main
    // What is in something unknown is not known either.
    const inner =
      first?.type === 'other' || first?.type === 'toolResult'
        ? message.parts.filter((part) => part.type === 'attachment')
        : message.parts
    this.#parts -= message.parts.length - inner.length
    message.parts = []
    // A message that is a part says first what it is; any other has calls behind its text.
    if (group.isPart) for (const part of main) this.#add(message, part)
    message.parts.push(...inner)
    for (const part of [...attached, ...held]) this.#add(message, part)
    if (!group.isPart) for (const part of main) this.#add(message, part)
    if (!group.isPart)
      for (const { slot, name } of group.others)
        if (isPresent(values.get(slot))) this.#add(message, { type: 'other', name })
    if (group.toolMessage !== null && message.role === 'tool') {
      const id = nameIn(values.get(group.toolMessage.idSlot))
      const name = nameIn(values.get(group.toolMessage.nameSlot))
      message.parts = asResults(message.parts, id, name)
    }
  }

  #messageText(message: MessageDraft, piece: PromptPiece): void {
    const last = message.parts.at(-1)
    if (last?.type === 'text' && !piece.isStart && last.text.from === piece.from)
      grown(last.text, piece)
    else this.#add(message, { type: 'text', text: grown(null, piece) })
  }

  /** The message of a string that stands in none: the system's, or one of the user. */
  #looseMessage(piece: PromptPiece): MessageDraft {
    if (piece.section === 'system') return this.#system
    const last = this.#messages.at(-1)
    return last === undefined || piece.isStart ? this.#message('user') : last
  }

  #message(role: MessageRole | null): MessageDraft {
    const message: MessageDraft = { role, parts: [] }
    if (this.#parts >= MAX_PARTS) {
      this.#truncated = true
      return message
    }
    this.#parts += 1
    this.#messages.push(message)
    return message
  }

  #add(message: MessageDraft, part: DraftPart): void {
    if (this.#parts >= MAX_PARTS) {
      this.#truncated = true
      return
    }
    this.#parts += 1
    if ('name' in part) this.#nameBytes += Buffer.byteLength(part.name ?? '')
    if ('id' in part) this.#nameBytes += Buffer.byteLength(part.id ?? '')
    message.parts.push(part)
  }
}
