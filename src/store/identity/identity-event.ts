import type { Fields } from './event-fields.ts'
import type {
  HoldRow,
  KeyRow,
  MeshRow,
  OrganisationRow,
  SqlUserRow,
  ViewRow,
} from './identity-rows.ts'
import type { SessionRow, SignInLinkRow } from './session-log.ts'

const SUBJECT_KINDS = [
  'key',
  'organisation',
  'settings',
  'record',
  'authentication',
  'hold',
  'sql_user',
  'view',
  'session',
  'sign_in_link',
  'mesh',
] as const
export type SubjectKind = (typeof SUBJECT_KINDS)[number]

/** One event; `state` is what its subject is from now on, for those kinds that have one. */
export interface IdentityEvent {
  readonly subjectKind: SubjectKind
  /** '' where no organisation is known. */
  readonly org: string
  readonly actor: string
  /** Session in which it was done. */
  readonly sessionId?: string | null | undefined
  readonly action: string
  readonly subject: string
  readonly reason: string | null
  readonly old: Fields | null
  readonly new: Fields | null
  readonly state?:
    | Fields
    | KeyRow
    | OrganisationRow
    | HoldRow
    | SqlUserRow
    | SessionRow
    | SignInLinkRow
    | MeshRow
    | ViewRow
}

export interface ListedEvent extends Omit<IdentityEvent, 'sessionId' | 'state'> {
  readonly id: string
  readonly sessionId: string | null
  /** ISO 8601 with microseconds, UTC. */
  readonly at: string
}

/** A kind that this build does not know was written by a newer one. */
export function subjectKindOf(value: unknown): SubjectKind {
  const kind = SUBJECT_KINDS.find((known) => known === value)
  if (kind === undefined) throw new Error('an event is of a kind that this version does not know')
  return kind
}
