import { JsonPathScanner } from '../json/path-scanner.ts'
import type { JsonPathSink } from '../json/path-sink.ts'
import { jsonString } from '../json/text.ts'
import { AttachmentAccumulator } from './attachment-accumulator.ts'
import type { AttachmentBudget } from './attachment-budget.ts'
import type { Attachment, PromptText } from './exchange-text.ts'
import { PromptAccumulator, type PromptMark } from './prompt-accumulator.ts'
import type { PromptLayout } from './prompt-layout.ts'

/** A part or message that is being read. */
interface OpenGroup {
  readonly group: number
  /** Of a part; null for what is a message alone. */
  readonly mark: PromptMark | null
  /** The members that say what it is. */
  partMember: string | undefined
  messageMember: string | undefined
  mediaType: string | undefined
}

/** Reads the text out of a request's body, whatever its size and wherever it is cut. */
export class PromptParser {
  readonly #layout: PromptLayout
  readonly #pick: JsonPathScanner
  readonly #prompt: PromptAccumulator
  readonly #attachments: AttachmentAccumulator
  readonly #open: OpenGroup[] = []
  #answerMediaType: string | null = null
  #isTaken = false

  constructor(layout: PromptLayout, maxTextBytes: number, budget: AttachmentBudget) {
    this.#layout = layout
    this.#attachments = new AttachmentAccumulator('request', budget)
    this.#prompt = new PromptAccumulator(maxTextBytes)
    const sink: JsonPathSink = {
      value: (slot, json) => this.#value(slot, json ?? undefined),
      document: () => {},
      text: (text, piece, last) => this.#text(text, piece, last),
      enter: (group) => this.#enter(group),
      leave: () => this.#leave(),
    }
    this.#pick = new JsonPathScanner(layout.paths, sink)
  }

  get attachments(): readonly Attachment[] {
    return this.#attachments.result(false)
  }

  /** Of what the answer carries, where the request asks for a format. */
  get answerMediaType(): string | null {
    return this.#answerMediaType
  }

  get bytes(): number {
    return this.#prompt.bytes
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
    while (this.#open.length > 0) this.#leave()
    this.#pick.reset()
    this.#prompt.documentEnded()
  }

  /** What a user said in another way; between documents. */
  hear(text: string): void {
    this.#prompt.messageStarted()
    this.#prompt.append('messages', text, true)
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
    this.#prompt.append('messages', text, true)
  }

  /** `complete`: the body came to its own end. Called once. */
  result(complete: boolean): PromptText | null {
    const state = this.#pick.end()
    // Parts that were cut short count by what they said of themselves.
    while (this.#open.length > 0) this.#leave()
    return this.#prompt.result(complete && (this.#isTaken || state === 'complete'))
  }

  #value(slot: number, json: string | undefined): void {
    const { answerFormat } = this.#layout
    if (slot === answerFormat?.slot) {
      this.#answerMediaType = answerFormat.mediaTypes.get(jsonString(json) ?? '') ?? null
      return
    }
    const open = this.#open.at(-1)
    if (open === undefined) return
    if (slot >= this.#layout.memberSlots) {
      open.mediaType = json
      return
    }
    const group = this.#layout.groups[open.group]
    if (slot === group?.partSlot) open.partMember = json
    if (slot === group?.messageSlot) open.messageMember = json
  }

  #text(text: number, piece: string, last: boolean): void {
    const place = this.#layout.places[text]
    const attachment = this.#layout.attachments[text - this.#layout.places.length]
    if (place !== undefined) {
      this.#prompt.append(place.section, piece, last)
      if (last && place.isUser) this.#prompt.messageEnded(true)
    } else if (attachment !== undefined) this.#attachments.append(attachment, piece, last)
  }

  #enter(group: number): void {
    const { part, message } = this.#layout.groups[group] ?? {}
    if (message) this.#prompt.messageStarted()
    this.#open.push({
      group,
      mark: part ? this.#prompt.mark() : null,
      partMember: undefined,
      messageMember: undefined,
      mediaType: undefined,
    })
  }

  #leave(): void {
    const open = this.#open.pop()
    if (open === undefined) return
    const { part, message } = this.#layout.groups[open.group] ?? {}
    if (open.mark !== null) {
      if (part?.isText(open.partMember) === true) this.#prompt.release()
      else this.#prompt.rollback(open.mark)
      this.#attachments.settle({ mediaType: jsonString(open.mediaType) })
    }
    if (message) this.#prompt.messageEnded(message.isUser(open.messageMember, open.partMember))
  }
}
