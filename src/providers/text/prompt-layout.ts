import { type JsonPaths, jsonPaths } from '../json/paths.ts'
import type { AttachmentKind } from './exchange-text.ts'
import type { PromptSection } from './prompt-accumulator.ts'

/** A string of the request that is a piece of the prompt. */
interface PromptPlace {
  readonly path: string
  readonly section: PromptSection
  /** It is all that a user says, and stands in no message that says so. */
  readonly isUser?: true
}

/**
 * An object of the request whose text counts only if one of its members says so, wherever that
 * stands in it.
 */
interface PromptPart {
  readonly path: string
  readonly member: string
  /** Given the member's JSON text; undefined where the object has none. */
  readonly isText: (member: string | undefined) => boolean
}

/** An object of the request that is one message, of the user or of someone else. */
interface PromptMessage {
  readonly path: string
  readonly member: string
  /**
   * Given the member's JSON text, and that of its part's member; undefined where the object has
   * none.
   */
  readonly isUser: (member: string | undefined, partMember: string | undefined) => boolean
}

/** A string of a part that is, or names, something other than text. */
export interface AttachmentPlace {
  readonly path: string
  /**
   * `link`: a URL, of which `data:` holds the bytes themselves; `base64`: the bytes; `reference`:
   * an id.
   */
  readonly form: 'link' | 'base64' | 'reference'
  /** Null where only the media type says it. */
  readonly kind: AttachmentKind | null
}

/** Where the text of a request stands, per wire format. */
export interface PromptFormat {
  readonly places: readonly PromptPlace[]
  readonly parts?: readonly PromptPart[]
  readonly messages?: readonly PromptMessage[]
  readonly attachments?: readonly AttachmentPlace[]
  /** Where a part names the media type of what is attached. */
  readonly mediaTypes?: readonly string[]
  readonly answerFormat?: AnswerFormat
}

/**
 * Where a request names the format of what its answer carries, for answers that do not; names that
 * are not listed mean nothing.
 */
export interface AnswerFormat {
  readonly path: string
  readonly mediaTypes: ReadonlyMap<string, string>
}

/** An object of the request whose begin and end matter, and where its deciding members are. */
interface PromptGroup {
  readonly part: PromptPart | null
  readonly message: PromptMessage | null
  /** Slots; -1 where it is no part, or no message. */
  readonly partSlot: number
  readonly messageSlot: number
}

/**
 * A format compiled. Slots: the members of parts and messages, then the media types, then the
 * answer's format. Texts: the places, then the attachments.
 */
export interface PromptLayout {
  readonly paths: JsonPaths
  readonly places: readonly PromptPlace[]
  readonly groups: readonly PromptGroup[]
  /** How many slots the members of parts and messages take. */
  readonly memberSlots: number
  readonly attachments: readonly AttachmentPlace[]
  readonly answerFormat: {
    readonly slot: number
    readonly mediaTypes: ReadonlyMap<string, string>
  } | null
}

export function promptLayout({
  places,
  parts = [],
  messages = [],
  attachments = [],
  mediaTypes = [],
  answerFormat,
}: PromptFormat): PromptLayout {
  const memberPath = (held: PromptPart | PromptMessage) => `${held.path}.${held.member}`
  const members = [...new Set([...parts, ...messages].map(memberPath))]
  const slotOf = (held: PromptPart | PromptMessage | undefined) =>
    held === undefined ? -1 : members.indexOf(memberPath(held))
  // The same object may be a part and a message.
  const groupPaths = [...new Set([...parts, ...messages].map(({ path }) => path))]
  const groups = groupPaths.map((path) => {
    const part = parts.find((each) => each.path === path)
    const message = messages.find((each) => each.path === path)
    return {
      part: part ?? null,
      message: message ?? null,
      partSlot: slotOf(part),
      messageSlot: slotOf(message),
    }
  })
  const values = [...members, ...mediaTypes]
  const texts = [...places, ...attachments].map(({ path }) => path)
  return {
    paths: jsonPaths(answerFormat === undefined ? values : [...values, answerFormat.path], {
      texts,
      groups: groupPaths,
    }),
    places,
    groups,
    memberSlots: members.length,
    attachments,
    answerFormat:
      answerFormat === undefined
        ? null
        : { slot: values.length, mediaTypes: answerFormat.mediaTypes },
  }
}

/** Whether a member is one of these names. */
export function isOneOf(...names: readonly string[]): (member: string | undefined) => boolean {
  const known = names.map((name) => JSON.stringify(name))
  return (member) => member !== undefined && known.includes(member)
}
