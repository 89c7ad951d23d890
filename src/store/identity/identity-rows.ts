import { type Fields, isFields } from './event-fields.ts'

export interface OrganisationRow {
  readonly id: string
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
}

export interface KeyRow {
  readonly org: string
  readonly id: string
  readonly name: string
  /** HMAC-SHA-256 of the key, hex: the key itself is never stored. */
  readonly keyHash: string
  readonly hint: string
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

/** Settings of an organisation as they were stored; who reads them knows the names. */
export interface SettingsRow {
  readonly org: string
  /** Id of the event that put them in force. */
  readonly eventId: string
  readonly state: Readonly<Record<string, unknown>>
}

/** A user of an external ClickHouse that reads one organisation. */
export interface SqlUserRow {
  readonly org: string
  readonly name: string
  /** Whether it sees previews and hashes of prompts. */
  readonly prompts: boolean
  readonly createdAt: string
  readonly removedAt: string | null
}

/** A legal hold: of what `filter` meets, or of the whole organisation. */
export interface HoldRow {
  readonly org: string
  readonly id: string
  readonly reason: string
  /** As it was given, for people; null: the whole organisation. */
  readonly filter: Fields | null
  /** What `filter` means, a CallFilter; a newer build may have put more into it. */
  readonly conditions: Fields | null
  /** ISO 8601. */
  readonly placedAt: string
  /** Id of the key, or `cli`. */
  readonly placedBy: string
  readonly releasedAt: string | null
  readonly releasedBy: string | null
  readonly releaseReason: string | null
}

/** Which organisation workloads of a mesh belong to; null stands for any. */
export interface MeshRow {
  readonly org: string
  readonly id: string
  readonly workload: string | null
  readonly namespace: string | null
  readonly serviceAccount: string | null
  readonly cluster: string | null
  /** Texts of their calls are kept where the organisation wants that. */
  readonly capture: boolean
  /** It is also for workloads that only claim to be these. */
  readonly claims: boolean
  /** ISO 8601. */
  readonly assignedAt: string
  readonly removedAt: string | null
}

/** A saved view of the list of calls. */
export interface ViewRow {
  readonly org: string
  readonly id: string
  /** Id of the key that keeps it. */
  readonly owner: string
  readonly name: string
  /** What follows the `?` in the page's address. */
  readonly query: string
  /** All who read the organisation's records see it. */
  readonly shared: boolean
  /** ISO 8601. */
  readonly createdAt: string
  readonly changedAt: string
  readonly deletedAt: string | null
}

export function toOrganisationRow(row: Record<string, unknown>): OrganisationRow {
  return { id: String(row.id), name: String(row.name), createdAt: String(row.createdAt) }
}

export function toSettingsRow({ org, eventId, ...state }: Record<string, unknown>): SettingsRow {
  return { org: String(org), eventId: String(eventId), state }
}

/** Keys of earlier versions hold their lists as text and '' for null: see migration 007. */
export function toKeyRow(row: Record<string, unknown>): KeyRow {
  const scopes = Array.isArray(row.scopes) ? row.scopes.map(String) : String(row.scopes).split(' ')
  const time = (value: unknown) => (value === null || value === '' ? null : String(value))
  return {
    org: String(row.org),
    id: String(row.id),
    name: String(row.name),
    keyHash: String(row.keyHash),
    hint: String(row.hint),
    scopes: scopes.filter((scope) => scope !== ''),
    createdAt: String(row.createdAt),
    expiresAt: time(row.expiresAt),
    revokedAt: time(row.revokedAt),
  }
}

export function toSqlUserRow(row: Record<string, unknown>): SqlUserRow {
  return {
    org: String(row.org),
    name: String(row.name),
    prompts: row.prompts === true,
    createdAt: String(row.createdAt),
    removedAt: row.removedAt === null ? null : String(row.removedAt),
  }
}

export function toHoldRow(row: Record<string, unknown>): HoldRow {
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value))
  const fields = (value: unknown) => (isFields(value) ? value : null)
  return {
    org: String(row.org),
    id: String(row.id),
    reason: String(row.reason),
    filter: fields(row.filter),
    conditions: fields(row.conditions),
    placedAt: String(row.placedAt),
    placedBy: String(row.placedBy),
    releasedAt: text(row.releasedAt) || null,
    releasedBy: text(row.releasedBy),
    releaseReason: text(row.releaseReason),
  }
}

export function toMeshRow(row: Record<string, unknown>): MeshRow {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    org: String(row.org),
    id: String(row.id),
    workload: text(row.workload),
    namespace: text(row.namespace),
    serviceAccount: text(row.serviceAccount),
    cluster: text(row.cluster),
    // What is damaged keeps no text and believes no one.
    capture: row.capture === true,
    claims: row.claims === true,
    assignedAt: String(row.assignedAt),
    removedAt: text(row.removedAt),
  }
}

export function toViewRow(row: Record<string, unknown>): ViewRow {
  return {
    org: String(row.org),
    id: String(row.id),
    owner: String(row.owner),
    name: String(row.name),
    query: String(row.query),
    shared: row.shared === true,
    createdAt: String(row.createdAt),
    changedAt: String(row.changedAt),
    deletedAt: String(row.deletedAt) || null,
  }
}
