import { isUserId } from '../../identity/user.ts'
import type { ListedEvent } from '../../store/identity/identity-event.ts'

export const ACTOR_KINDS = ['key', 'user', 'operator', 'cli', 'flint'] as const
type ActorKind = (typeof ACTOR_KINDS)[number]
export const WAYS = ['dashboard', 'api', 'gate', 'cli', 'flint'] as const
type Way = (typeof WAYS)[number]

/** Who an actor is: names that are no key's and no user's are fixed. */
export function actorKindOf(actor: string): ActorKind {
  if (isUserId(actor)) return 'user'
  return ACTOR_KINDS.find((kind) => kind === actor) ?? 'key'
}

/**
 * The door they came by. A key that was refused was presented to the gate, the API or the
 * dashboard.
 */
export function wayOf({
  actor,
  sessionId,
  new: becomes,
}: Pick<ListedEvent, 'actor' | 'sessionId' | 'new'>): Way {
  const kind = actorKindOf(actor)
  if (kind === 'cli' || kind === 'flint') return kind
  if (sessionId !== null || becomes?.where === 'dashboard') return 'dashboard'
  return becomes?.where === 'gate' ? 'gate' : 'api'
}
