import { createHash, type Hash } from 'node:crypto'
import { BoundedText, type TextMark } from './bounded-text.ts'
import type { PromptText, UserText } from './exchange-text.ts'
import { PREVIEW_UNITS, previewOf } from './preview.ts'

/** System or instructions text comes first in a prompt, wherever it stands in the body. */
export type PromptSection = 'system' | 'messages'

export interface PromptMark {
  readonly system: TextMark
  readonly messages: TextMark
  readonly hash: Hash | null
  readonly hashed: PromptSection
  readonly inexact: boolean
  readonly said: UserPiece | null
  readonly lastUser: UserPiece | null
}

/** As much of a piece as came, and is kept: where it stands in its section, in UTF-16 units. */
export interface PromptPiece {
  readonly section: PromptSection
  readonly from: number
  readonly to: number
  /** It goes on beyond what is kept. */
  readonly cut: boolean
  /** Its first text; false for what goes on. */
  readonly isStart: boolean
}

/** One text of a message: its beginning, and where it stands. */
interface UserPiece {
  /** UTF-16 units of messages before it; null where they are not kept up to it. */
  readonly at: number | null
  readonly start: BoundedText
}

/** So much of the last text of a user is kept on its own: far more than a preview shows. */
const MAX_USER_BYTES = 16_384
const SEPARATOR = '\n\n'

/**
 * Gathers the pieces of a prompt: text of both sections up to the bound, and the hash of all of it.
 *
 * Up to the bound the hash is taken at the end, over the text in its right order. Beyond it,
 * hashing goes along with what comes: system text and then messages, or either alone, of any
 * length; and system text of any length after messages that were within the bound. Only system text
 * that follows messages over the bound cannot be put before them any more: no hash then.
 */
export class PromptAccumulator {
  readonly #maxBytes: number
  readonly #system = new BoundedText()
  readonly #messages = new BoundedText()
  /** Runs from the first byte over the bound; over `#hashed` and what belongs before it. */
  #hash: Hash | null = null
  #hashed: PromptSection = 'system'
  #inexact = false
  /** Within a piece that is not empty. */
  #inPiece = false
  #pieceFrom = 0
  #marks = 0
  /** The last text of the message that is being read. */
  #said: UserPiece | null = null
  /** The last text of the last message that was a user's. */
  #lastUser: UserPiece | null = null
  /** Of the document that is being read, where they come one after another. */
  #document: { readonly start: PromptMark; system: Hash | null } | null = null
  /** Digest of the system text of the last document that had any. */
  #systemDigest: string | null = null

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** UTF-8 of what is kept. */
  get bytes(): number {
    return this.#system.bytes + this.#messages.bytes
  }

  /** The next of a piece; `last` ends it. Null where nothing came. */
  append(section: PromptSection, text: string, last: boolean): PromptPiece | null {
    const kept = this.#of(section)
    const isStart = !this.#inPiece
    if (text !== '') {
      if (isStart && kept.chars > 0) this.#add(section, SEPARATOR)
      if (isStart && section === 'messages') this.#said = this.#userPiece()
      if (isStart) this.#pieceFrom = kept.units
      this.#inPiece = true
      this.#add(section, text)
      if (section === 'system' && this.#document !== null) {
        this.#document.system ??= createHash('sha256')
        this.#document.system.update(text)
      }
      if (section === 'messages')
        this.#said?.start.append(text, MAX_USER_BYTES - this.#said.start.bytes)
    }
    if (last) {
      this.#inPiece = false
      if (this.#marks === 0) kept.settle()
    }
    const { units: to, truncated: cut } = kept
    return text === '' ? null : { section, from: this.#pieceFrom, to, cut, isStart }
  }

  /** UTF-16 units of the system text that is kept. */
  get systemUnits(): number {
    return this.#system.units
  }

  /** Where the text of the messages begins in the whole prompt. */
  get messagesAt(): number {
    return this.#isJoined ? this.#system.units + SEPARATOR.length : 0
  }

  /** One of several documents begins; each ends with `documentEnded`. */
  documentStarted(): void {
    this.#document = { start: this.mark(), system: null }
  }

  /** System text that says what that of the document before said stands there once. */
  documentEnded(): void {
    if (this.#document === null) return
    const { start, system } = this.#document
    const digest = system?.digest('hex') ?? null
    // What a hash has gone over stays.
    if (digest !== null && digest === this.#systemDigest && this.#hash === null)
      this.#system.rollback(start.system)
    this.#systemDigest = digest ?? this.#systemDigest
    this.#document = null
    this.release()
  }

  /** What follows belongs to one message, until `messageEnded`. */
  messageStarted(): void {
    this.#said = null
  }

  /** `isUser`: it was the user's; one without text leaves the one before it the last. */
  messageEnded(isUser: boolean): void {
    if (isUser) this.#lastUser = this.#said ?? this.#lastUser
    this.#said = null
  }

  /**
   * Text from here on may turn out to be none of the prompt; each mark ends with `release` or
   * `rollback`.
   */
  mark(): PromptMark {
    this.#marks++
    return {
      system: this.#system.mark(),
      messages: this.#messages.mark(),
      hash: this.#hash?.copy() ?? null,
      hashed: this.#hashed,
      inexact: this.#inexact,
      said: this.#said,
      lastUser: this.#lastUser,
    }
  }

  release(): void {
    this.#marks--
    this.#inPiece = false
    if (this.#marks > 0) return
    this.#system.settle()
    this.#messages.settle()
  }

  rollback({ system, messages, hash, hashed, inexact, said, lastUser }: PromptMark): void {
    this.#system.rollback(system)
    this.#messages.rollback(messages)
    this.#hash = hash
    this.#hashed = hashed
    this.#inexact = inexact
    this.#said = said
    this.#lastUser = lastUser
    this.release()
  }

  /** `whole`: the body was read to its end. */
  result(whole: boolean): PromptText | null {
    const chars =
      this.#system.chars + this.#messages.chars + (this.#isJoined ? SEPARATOR.length : 0)
    if (chars === 0) return null
    const full = this.#joined()
    return {
      hashSha256: whole && !this.#inexact ? this.#digest(full) : null,
      preview: previewOf(full),
      full,
      truncated: !whole || this.#system.truncated || this.#messages.truncated,
      chars,
      lastUser: this.#lastUserText(),
    }
  }

  #userPiece(): UserPiece {
    const { truncated, units } = this.#messages
    return { at: truncated ? null : units, start: new BoundedText() }
  }

  #lastUserText(): UserText | null {
    if (this.#lastUser === null) return null
    const { at, start } = this.#lastUser
    return { at: at === null ? null : this.messagesAt + at, start: `${start}` }
  }

  get #isJoined(): boolean {
    return this.#system.chars > 0 && this.#messages.chars > 0
  }

  #of(section: PromptSection): BoundedText {
    return section === 'system' ? this.#system : this.#messages
  }

  #joined(): string {
    return `${this.#system}${this.#isJoined ? SEPARATOR : ''}${this.#messages}`
  }

  #add(section: PromptSection, text: string): void {
    const kept = this.#of(section)
    const before = kept.units
    const leftBytes = this.#maxBytes - this.bytes
    // The start of the system text is kept in any case, since it is the start of the whole.
    kept.append(
      text,
      section === 'system' ? Math.max(leftBytes, PREVIEW_UNITS - before) : leftBytes,
    )
    if (this.#hash === null) {
      if (kept.truncated) this.#startHash(section, text.slice(kept.units - before))
    } else this.#hashOn(this.#hash, section, text, before)
  }

  #startHash(section: PromptSection, rest: string): void {
    this.#hashed = section
    const before = section === 'system' ? `${this.#system}` : this.#joined()
    this.#hash = createHash('sha256').update(before).update(rest)
  }

  #hashOn(hash: Hash, section: PromptSection, text: string, unitsBefore: number): void {
    if (section === this.#hashed) hash.update(text)
    else if (section === 'system') this.#inexact = true
    else {
      // Messages after system text over the bound: from here on the hash runs over them, and system
      // text would come too late.
      hash.update(SEPARATOR).update(`${this.#messages}`.slice(0, unitsBefore)).update(text)
      this.#hashed = 'messages'
    }
  }

  #digest(full: string): string {
    if (this.#hash === null) return createHash('sha256').update(full).digest('hex')
    // Messages that came before system text over the bound, and are all kept.
    const hash = this.#hash.copy()
    if (this.#hashed === 'system' && this.#messages.chars > 0)
      hash.update(SEPARATOR).update(`${this.#messages}`)
    return hash.digest('hex')
  }
}
