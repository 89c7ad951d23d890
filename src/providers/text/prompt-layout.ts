import { type JsonPaths, jsonPaths } from '../json/paths.ts'
import {
  type ConversationFormat,
  type ConversationLayout,
  conversationLayout,
  conversationPaths,
} from './conversation-layout.ts'
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
  /** Where a part names the file that is attached. */
  readonly fileNames?: readonly string[]
  readonly answerFormat?: AnswerFormat
  /** What it says of its messages besides their text. */
  readonly conversation?: ConversationFormat
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
  /** By text: the piece of the prompt that it is, where it is one. */
  readonly places: readonly (PromptPlace | undefined)[]
  readonly groups: readonly PromptGroup[]
  /** By slot: what the value is for a part or message; those of conversations alone are `tool`. */
  readonly uses: readonly ValueUse[]
  /** By text: what is attached, where it is that. */
  readonly attachments: readonly (AttachmentPlace | undefined)[]
  readonly answerMediaTypes: ReadonlyMap<string, string>
  readonly conversation: ConversationLayout
}

type ValueUse = 'member' | 'mediaType' | 'fileName' | 'answerFormat' | 'tool'

export function promptLayout({
  places,
  parts = [],
  messages = [],
  attachments = [],
  mediaTypes = [],
  fileNames = [],
  answerFormat,
  conversation = {},
}: PromptFormat): PromptLayout {
  const memberPath = (held: PromptPart | PromptMessage) => `${held.path}.${held.member}`
  const said = conversationPaths(conversation)
  const uses = new Map<string, ValueUse>([
    ...[...parts, ...messages].map((held) => [memberPath(held), 'member'] as const),
    ...mediaTypes.map((path) => [path, 'mediaType'] as const),
    ...fileNames.map((path) => [path, 'fileName'] as const),
    ...(answerFormat === undefined ? [] : [[answerFormat.path, 'answerFormat'] as const]),
  ])
  for (const path of said.values) if (!uses.has(path)) uses.set(path, 'tool')
  const values = [...uses.keys()]
  const slotOf = (held: PromptPart | PromptMessage | undefined) =>
    held === undefined ? -1 : values.indexOf(memberPath(held))
  // The same object may be a part and a message.
  const partOf = (path: string) => parts.find((each) => each.path === path)
  const messageOf = (path: string) => messages.find((each) => each.path === path)
  const groupPaths = [
    ...new Set([...[...parts, ...messages].map(({ path }) => path), ...said.groups]),
  ]
  const attached = attachments.map(({ path }) => path)
  const texts = [...new Set([...places.map(({ path }) => path), ...attached, ...said.texts])]
  return {
    paths: jsonPaths(values, { texts, groups: groupPaths }),
    places: texts.map((text) => places.find(({ path }) => path === text)),
    attachments: texts.map((text) => attachments.find(({ path }) => path === text)),
    groups: groupPaths.map((path) => ({
      part: partOf(path) ?? null,
      message: messageOf(path) ?? null,
      partSlot: slotOf(partOf(path)),
      messageSlot: slotOf(messageOf(path)),
    })),
    uses: [...uses.values()],
    answerMediaTypes: answerFormat?.mediaTypes ?? new Map(),
    conversation: conversationLayout(
      conversation,
      { values, texts, groups: groupPaths },
      (path) => ({
        isMessage: messageOf(path) !== undefined,
        isPart: partOf(path) !== undefined,
        roleSlot: slotOf(messageOf(path)),
        isSystem: places.some(
          (place) => place.section === 'system' && place.path.startsWith(`${path}.`),
        ),
      }),
    ),
  }
}

/** Whether a member is one of these names. */
export function isOneOf(...names: readonly string[]): (member: string | undefined) => boolean {
  const known = names.map((name) => JSON.stringify(name))
  return (member) => member !== undefined && known.includes(member)
}
