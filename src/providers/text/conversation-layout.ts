import { jsonString } from '../json/text.ts'
import type { MessageRole } from './conversation.ts'

/** A string of a message is named by its path below the object; the first that is there counts. */
export interface ToolPlace {
  /** The object: a message, a part, or one of a list of its own. */
  readonly path: string
  /** Types of the object for which it holds; without them the name decides, or the id. */
  readonly types?: readonly string[]
  readonly ids?: readonly string[]
  readonly names?: readonly string[]
  /** Strings, which may be long. */
  readonly texts?: readonly string[]
  /** Values that are kept as JSON. */
  readonly values?: readonly string[]
}

/** What a request says of its messages besides their text, per wire format. */
export interface ConversationFormat {
  /** Given what a message names as its role, and its type where it is a part as well. */
  readonly roleOf?: RoleOf
  /** Calls of tools that the request repeats; of their texts the arguments. */
  readonly calls?: readonly ToolPlace[]
  /** What tools gave back. */
  readonly results?: readonly ToolPlace[]
  /** Members of the message whose text is a result where its role is `tool`. */
  readonly toolMessage?: { readonly path: string; readonly id: string; readonly name: string }
  /** Members whose presence says that an object is neither text nor a tool's, and its name. */
  readonly others?: readonly {
    readonly path: string
    readonly member: string
    readonly name: string
  }[]
}

export type RoleOf = (role: string | undefined, type: string | undefined) => MessageRole | null

const ROLES: ReadonlyMap<string, MessageRole> = new Map([
  ['system', 'system'],
  ['developer', 'developer'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['model', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
])

/** As providers name them. */
export function roleNamed(role: string | undefined): MessageRole | null {
  return ROLES.get(role ?? '') ?? null
}

interface ToolSlots {
  readonly types: readonly string[] | null
  readonly ids: readonly number[]
  readonly names: readonly number[]
}

/** An object of the request, as a conversation reads it. */
export interface ConversationGroup {
  readonly isMessage: boolean
  readonly isPart: boolean
  /** Where the type stands; -1 where the format has none. */
  readonly typeSlot: number
  readonly roleSlot: number
  readonly calls: readonly ToolSlots[]
  readonly results: readonly ToolSlots[]
  readonly toolMessage: { readonly idSlot: number; readonly nameSlot: number } | null
  readonly others: readonly { readonly slot: number; readonly name: string }[]
  /** Text in it is the system's. */
  readonly isSystem: boolean
}

export interface ConversationLayout {
  readonly roleOf: RoleOf
  readonly groups: readonly ConversationGroup[]
  /** By slot: the group whose object holds the value; -1 for none. */
  readonly holderOfValue: readonly number[]
  /** By text, and by slot: the group of which it is the arguments or the result; -1 for none. */
  readonly toolOfText: readonly number[]
  readonly toolOfValue: readonly number[]
}

/** Paths that a conversation wants besides those of text and attachments. */
export function conversationPaths({
  calls = [],
  results = [],
  toolMessage,
  others = [],
}: ConversationFormat) {
  const tools = [...calls, ...results]
  const inTools = (of: (tool: ToolPlace) => readonly string[] | undefined) =>
    tools.flatMap((tool) => (of(tool) ?? []).map((member) => `${tool.path}.${member}`))
  return {
    groups: tools.map(({ path }) => path),
    texts: inTools(({ texts }) => texts),
    values: [
      ...inTools(({ ids }) => ids),
      ...inTools(({ names }) => names),
      ...inTools(({ values }) => values),
      ...tools.flatMap(({ path, types }) => (types === undefined ? [] : [`${path}.type`])),
      ...others.map(({ path, member }) => `${path}.${member}`),
      ...(toolMessage === undefined
        ? []
        : [toolMessage.id, toolMessage.name].map((member) => `${toolMessage.path}.${member}`)),
    ],
  }
}

interface Wanted {
  readonly values: readonly string[]
  readonly texts: readonly string[]
  readonly groups: readonly string[]
}

/** `kindOf`: what a group is besides; given its path. */
export function conversationLayout(
  format: ConversationFormat,
  wanted: Wanted,
  kindOf: (
    path: string,
  ) => Pick<ConversationGroup, 'isMessage' | 'isPart' | 'roleSlot' | 'isSystem'>,
): ConversationLayout {
  const slot = (path: string) => wanted.values.indexOf(path)
  const slotsOf = (path: string, tools: readonly ToolPlace[] = []): ToolSlots[] =>
    tools
      .filter((tool) => tool.path === path)
      .map(({ types, ids = [], names = [] }) => ({
        types: types ?? null,
        ids: ids.map((member) => slot(`${path}.${member}`)),
        names: names.map((member) => slot(`${path}.${member}`)),
      }))
  const tools = [...(format.calls ?? []), ...(format.results ?? [])]
  const toolOf = (path: string, members: (tool: ToolPlace) => readonly string[] | undefined) => {
    const holder = tools.find((tool) =>
      members(tool)?.some((member) => `${tool.path}.${member}` === path),
    )
    return holder === undefined ? -1 : wanted.groups.indexOf(holder.path)
  }
  const { toolMessage, others = [] } = format
  return {
    roleOf: format.roleOf ?? ((role) => roleNamed(role)),
    groups: wanted.groups.map((path) => ({
      ...kindOf(path),
      typeSlot: slot(`${path}.type`),
      calls: slotsOf(path, format.calls),
      results: slotsOf(path, format.results),
      toolMessage:
        toolMessage?.path === path
          ? {
              idSlot: slot(`${path}.${toolMessage.id}`),
              nameSlot: slot(`${path}.${toolMessage.name}`),
            }
          : null,
      others: others
        .filter((other) => other.path === path)
        .map(({ member, name }) => ({ slot: slot(`${path}.${member}`), name })),
    })),
    holderOfValue: wanted.values.map((path) => holderOf(path, wanted.groups)),
    toolOfText: wanted.texts.map((path) => toolOf(path, ({ texts }) => texts)),
    toolOfValue: wanted.values.map((path) => toolOf(path, ({ values }) => values)),
  }
}

/** The innermost of the objects that hold this path; -1 for none. */
function holderOf(path: string, groups: readonly string[]): number {
  return groups.reduce(
    (best, group, index) =>
      path.startsWith(`${group}.`) && group.length > (groups[best]?.length ?? -1) ? index : best,
    -1,
  )
}

/** The string of a value, if it is one of a size that names have. */
export function nameIn(json: string | null | undefined): string | null {
  const name = json == null || json.length > MAX_NAME_JSON ? null : jsonString(json)
  return name === '' ? null : name
}

/** UTF-16 units of JSON. */
export const MAX_NAME_JSON = 1_024
