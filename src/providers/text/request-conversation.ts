import { jsonString } from '../json/text.ts'
import { BoundedText } from './bounded-text.ts'
import type { Conversation, Message, MessagePart, MessageRole, TextSpan } from './conversation.ts'
import { type ConversationLayout, nameIn } from './conversation-layout.ts'
import {
  asResults,
  type DraftPart,
  dropPromptText,
  EMPTY,
  grown,
  isPresent,
  type MessageDraft,
  type OpenGroup,
  partOfTool,
  type Stretch,
} from './message-draft.ts'
import type { PromptPiece } from './prompt-accumulator.ts'

/** Of messages and parts together: far more than a model's context has. */
const MAX_PARTS = 65_536
/** What a part costs in memory, besides its text and names. */
const PART_BYTES = 128
const SEPARATOR = '\n\n'

/** How a group turned out. */
export interface EndedGroup {
  /** Its text belongs to the prompt. */
  readonly isText: boolean
  /** How many attachments the request had before it, and has with it. */
  readonly attachments: readonly [before: number, after: number]
  /** Its end never came. */
  readonly cut: boolean
}

/**
 * Gathers the messages of a request beside its prompt. Text of the prompt is not kept again: a part
 * says where in it its text stands.
 */
export class RequestConversation {
  readonly #layout: ConversationLayout
  readonly #maxBytes: number
  readonly #system: MessageDraft = { role: 'system', parts: [] }
  readonly #messages: MessageDraft[] = []
  readonly #tools = new BoundedText()
  readonly #open: OpenGroup[] = []
  /** A string of a tool goes on. */
  #inText = false
  #parts = 0
  #nameBytes = 0
  #truncated = false

  constructor(layout: ConversationLayout, maxBytes: number) {
    this.#layout = layout
    this.#maxBytes = maxBytes
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
    if (open === undefined) return
    if (piece !== '' || open.tool === null) open.tool = this.#toolText(open.tool, piece)
    this.#inText = !last
    this.#tools.settle()
  }

  /** `json`: null for one over the bound. */
  value(slot: number, json: string | null): void {
    this.#holder(this.#layout.holderOfValue[slot])?.values.set(slot, json)
    const open = this.#holder(this.#layout.toolOfValue[slot])
    if (open === undefined) return
    open.tool = this.#toolText(open.tool, json === null ? null : (jsonString(json) ?? json))
    this.#tools.settle()
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
    this.#inText = false
    const type = nameIn(open.values.get(open.group.typeSlot)) ?? undefined
    if (!ended.isText) dropPromptText(open)
    const main = this.#mainPart(open, type, ended)
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
    this.#system.parts = this.#system.parts.filter(
      (part) => part.type !== 'text' || part.text.from < units,
    )
  }

  /** `messagesAt`: where the text of the messages begins in the whole prompt. */
  result(messagesAt: number): Conversation {
    const span = ({ section, from, to, cut }: Stretch): TextSpan => {
      const at = section === 'messages' ? messagesAt : 0
      return { of: section === 'tools' ? 'tools' : 'prompt', from: at + from, to: at + to, cut }
    }
    const partOf = (part: DraftPart): MessagePart => {
      if (part.type === 'text') return { ...part, text: span(part.text) }
      if (part.type !== 'toolCall' && part.type !== 'toolResult') return part
      const { type, id, name } = part
      const text = part.text === null ? null : span(part.text)
      return type === 'toolCall' ? { type, id, name, arguments: text } : { type, id, name, text }
    }
    const system = this.#system.parts.length === 0 ? [] : [this.#system]
    return {
      messages: [...system, ...this.#messages].map(
        ({ role, parts }): Message => ({ role, parts: parts.map(partOf) }),
      ),
      toolText: `${this.#tools}`,
      truncated: this.#truncated || this.#tools.truncated,
    }
  }

  #mainPart(open: OpenGroup, type: string | undefined, ended: EndedGroup): DraftPart[] {
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
    if (last?.type === 'text' && !piece.isStart) grown(last.text, piece)
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

  /** `text`: null for one that is not kept. */
  #toolText(stretch: Stretch | null, text: string | null): Stretch {
    const tools = this.#tools
    const append = (piece: string) => tools.append(piece, this.#maxBytes - tools.bytes)
    if (text !== null && text !== '' && tools.chars > 0 && !this.#inText) append(SEPARATOR)
    const from = tools.units
    append(text ?? '')
    this.#truncated ||= text === null
    const cut = tools.truncated || text === null
    // What was empty so far begins behind the separator.
    const begun = stretch !== null && (stretch.cut || stretch.to > stretch.from) ? stretch : null
    return grown(begun, { section: 'tools', from, to: tools.units, cut })
  }
}
