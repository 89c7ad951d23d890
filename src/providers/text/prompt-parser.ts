import { JsonPathScanner } from '../json/path-scanner.ts'
import type { JsonPathSink } from '../json/path-sink.ts'
import { jsonString } from '../json/text.ts'
import { AttachmentAccumulator } from './attachment-accumulator.ts'
import type { AttachmentBudget } from './attachment-budget.ts'
import type { Conversation } from './conversation.ts'
import type { Attachment, PromptText } from './exchange-text.ts'
import { PromptAccumulator, type PromptMark, type PromptSection } from './prompt-accumulator.ts'
import type { PromptLayout } from './prompt-layout.ts'
import { RequestConversation } from './request-conversation.ts'

/** Arguments and results of tools that are JSON are held while they come; longer ones are not kept. */
const MAX_TOOL_VALUE_BYTES = 1024 * 1024
/** Of what names something. */
const MAX_NAME_JSON = 65_536

/** A part or message that is being read. */
interface OpenGroup {
  readonly group: number
  /** Of a part; null for what is a message alone. */
  readonly mark: PromptMark | null
  /** The members that say what it is. */
  partMember: string | undefined
  messageMember: string | undefined
  mediaType: string | undefined
  fileName: string | undefined
}

/** Reads the text out of a request's body, whatever its size and wherever it is cut. */
export class PromptParser {
  readonly #layout: PromptLayout
  readonly #pick: JsonPathScanner
  readonly #prompt: PromptAccumulator
  readonly #attachments: AttachmentAccumulator
  readonly #conversation: RequestConversation
  readonly #open: OpenGroup[] = []
  #answerMediaType: string | null = null
  #isTaken = false

  constructor(layout: PromptLayout, maxTextBytes: number, budget: AttachmentBudget) {
    this.#layout = layout
    this.#attachments = new AttachmentAccumulator('request', budget)
    this.#prompt = new PromptAccumulator(maxTextBytes)
    this.#conversation = new RequestConversation(layout.conversation, maxTextBytes)
    const sink: JsonPathSink = {
      value: (slot, json) => this.#value(slot, json),
      document: () => {},
      text: (text, piece, last) => this.#text(text, piece, last),
      enter: (group) => this.#enter(group),
      leave: () => this.#leave(false),
    }
    this.#pick = new JsonPathScanner(layout.paths, sink, { maxValueBytes: MAX_TOOL_VALUE_BYTES })
  }

  get attachments(): readonly Attachment[] {
    return this.#attachments.result(false)
  }

  /** Of what the answer carries, where the request asks for a format. */
  get answerMediaType(): string | null {
    return this.#answerMediaType
  }

  get bytes(): number {
    return this.#prompt.bytes + this.#conversation.bytes
  }

  /** The messages as far as they came; after `result` or `soFar`. */
  get conversation(): Conversation {
    return this.#conversation.result(this.#prompt.messagesAt)
  }

  /** How many messages have begun, without the system's. */
  get messageCount(): number {
    return this.#conversation.length
  }

  write(bytes: Buffer): void {
    this.#pick.write(bytes)
  }

  /** The first bytes of one of several documents follow. */
  documentStarted(): void {
    this.#prompt.documentStarted()
  }

  /** One of several documents has ended; it counts as far as it could be read. */
  documentEnded(): void {
    this.#pick.end()
    while (this.#open.length > 0) this.#leave(true)
    this.#pick.reset()
    this.#prompt.documentEnded()
    this.#conversation.systemRolledBack(this.#prompt.systemUnits)
  }

  /** What a user said in another way; between documents. */
  hear(text: string): void {
    this.#prompt.messageStarted()
    this.#append('messages', text, true)
    this.#prompt.messageEnded(true)
  }

  /** Of several documents; `whole`: the last of them has come to its end. */
  soFar(whole: boolean): PromptText | null {
    return this.#prompt.result(whole)
  }

  /** The whole prompt, where the request is a form and has it in one of its fields. */
  take(text: string): void {
    if (this.#isTaken) return
    this.#isTaken = true
    this.#append('messages', text, true)
  }

  /** `complete`: the body came to its own end. Called once. */
  result(complete: boolean): PromptText | null {
    const state = this.#pick.end()
    // Parts that were cut short count by what they said of themselves.
    while (this.#open.length > 0) this.#leave(true)
    return this.#prompt.result(complete && (this.#isTaken || state === 'complete'))
  }

  #append(section: PromptSection, text: string, last: boolean): void {
    const piece = this.#prompt.append(section, text, last)
    if (piece !== null) this.#conversation.promptText(piece)
  }

  #value(slot: number, json: string | null): void {
    this.#conversation.value(slot, json)
    const name = json === null || json.length > MAX_NAME_JSON ? undefined : json
    const use = this.#layout.uses[slot]
    if (use === 'answerFormat') {
      this.#answerMediaType = this.#layout.answerMediaTypes.get(jsonString(name) ?? '') ?? null
      return
    }
    const open = this.#open.at(-1)
    if (open === undefined) return
    if (use === 'mediaType') open.mediaType = name
    else if (use === 'fileName') open.fileName = name
    else if (use === 'member') {
      const group = this.#layout.groups[open.group]
      if (slot === group?.partSlot) open.partMember = name
      if (slot === group?.messageSlot) open.messageMember = name
    }
  }

  #text(text: number, piece: string, last: boolean): void {
    const place = this.#layout.places[text]
    const attachment = this.#layout.attachments[text]
    if (place !== undefined) {
      this.#append(place.section, piece, last)
      if (last && place.isUser) this.#prompt.messageEnded(true)
    } else if (attachment !== undefined) this.#attachments.append(attachment, piece, last)
    else this.#conversation.text(text, piece, last)
  }

  #enter(group: number): void {
    const { part, message } = this.#layout.groups[group] ?? {}
    if (message) this.#prompt.messageStarted()
    this.#conversation.enter(group)
    this.#open.push({
      group,
      mark: part ? this.#prompt.mark() : null,
      partMember: undefined,
      messageMember: undefined,
      mediaType: undefined,
      fileName: undefined,
    })
  }

  /** `cut`: its end never came. */
  #leave(cut: boolean): void {
    const open = this.#open.pop()
    if (open === undefined) return
    const { part, message } = this.#layout.groups[open.group] ?? {}
    const isText = part == null || part.isText(open.partMember)
    if (open.mark !== null) {
      if (isText) this.#prompt.release()
      else this.#prompt.rollback(open.mark)
    }
    // What an object inside has attached is its own.
    const before = this.#attachments.count
    if (open.mark !== null)
      this.#attachments.settle({
        mediaType: jsonString(open.mediaType),
        name: jsonString(open.fileName),
      })
    this.#conversation.leave({ isText, attachments: [before, this.#attachments.count], cut })
    if (message) this.#prompt.messageEnded(message.isUser(open.messageMember, open.partMember))
  }
}
