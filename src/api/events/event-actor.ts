import type { ListedEvent } from '../../store/identity/identity-log.ts'

export const ACTOR_KINDS = ['key', 'operator', 'cli', 'flint'] as const
type ActorKind = (typeof ACTOR_KINDS)[number]
export const WAYS = ['api', 'gate', 'cli', 'flint'] as const
type Way = (typeof WAYS)[number]

/** Who an actor is: names that are no key's are fixed. */
export function actorKindOf(actor: string): ActorKind {
  return ACTOR_KINDS.find((kind) => kind !== 'key' && kind === actor) ?? 'key'
}

/** The door they came by. A key that was refused was presented to the gate or to the API. */
export function wayOf({ actor, new: becomes }: Pick<ListedEvent, 'actor' | 'new'>): Way {
  const kind = actorKindOf(actor)
  if (kind === 'cli' || kind === 'flint') return kind
  return becomes?.where === 'gate' ? 'gate' : 'api'
}
