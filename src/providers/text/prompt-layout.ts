import { type JsonPaths, jsonPaths } from '../json/paths.ts'
import type { AttachmentKind } from './exchange-text.ts'
import type { PromptSection } from './prompt-accumulator.ts'

/** A string of the request that is a piece of the prompt. */
interface PromptPlace {
  readonly path: string
  readonly section: PromptSection
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

/**
 * A format compiled. Slots: the members of the parts, then the media types, then the answer's
 * format. Texts: the places, then the attachments.
 */
export interface PromptLayout {
  readonly paths: JsonPaths
  readonly places: readonly PromptPlace[]
  readonly parts: readonly PromptPart[]
  readonly attachments: readonly AttachmentPlace[]
  readonly answerFormat: {
    readonly slot: number
    readonly mediaTypes: ReadonlyMap<string, string>
  } | null
}

export function promptLayout({
  places,
  parts = [],
  attachments = [],
  mediaTypes = [],
  answerFormat,
}: PromptFormat): PromptLayout {
  const members = [...parts.map(({ path, member }) => `${path}.${member}`), ...mediaTypes]
  const values = answerFormat === undefined ? members : [...members, answerFormat.path]
  const texts = [...places, ...attachments].map(({ path }) => path)
  return {
    paths: jsonPaths(values, { texts, groups: parts.map(({ path }) => path) }),
    places,
    parts,
    attachments,
    answerFormat:
      answerFormat === undefined
        ? null
        : { slot: members.length, mediaTypes: answerFormat.mediaTypes },
  }
}

/** Whether a member is one of these names. */
export function isOneOf(...names: readonly string[]): (member: string | undefined) => boolean {
  const known = names.map((name) => JSON.stringify(name))
  return (member) => member !== undefined && known.includes(member)
}
