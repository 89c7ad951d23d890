import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { uuidv7 } from 'uuidv7'
import { jsonLine } from '../../evidence/json-line.ts'
import { isoTime } from '../calls/call-row.ts'
import type { Parameter, StoreClient } from '../client/client.ts'
import type { SessionRow, SignInLinkRow } from './session-log.ts'

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
type SubjectKind = (typeof SUBJECT_KINDS)[number]
type Fields = Readonly<Record<string, unknown>>

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

interface ListEvents {
  /** Of one organisation, or of all and none. */
  readonly org?: string
  /** Inclusive. */
  readonly fromMs?: number | undefined
  /** Exclusive. */
  readonly toMs?: number | undefined
  /** Any of them. */
  readonly actions?: readonly string[] | undefined
  readonly subject?: string | undefined
  readonly actor?: string | undefined
  /** Position of the last event of the page before. */
  readonly before?: { readonly at: string; readonly id: string } | undefined
  readonly limit: number
}

/** Keys, organisations, settings, holds and views as the fold of their events, and the events. */
export interface IdentityLog {
  /**
   * Durable together or not at all; resolves to their ids. The store's clock orders them: several
   * processes may write.
   */
  append(events: readonly IdentityEvent[]): Promise<readonly string[]>
  /** Of all organisations, revoked and expired ones too: the directory in memory decides. */
  listKeys(): Promise<readonly KeyRow[]>
  listOrganisations(): Promise<readonly OrganisationRow[]>
  listSettings(): Promise<readonly SettingsRow[]>
  /** Of all organisations, oldest first, released ones too. */
  listHolds(): Promise<readonly HoldRow[]>
  /** Of all organisations, removed ones too. */
  listSqlUsers(): Promise<readonly SqlUserRow[]>
  /** Of all organisations, removed ones too. */
  listMesh(): Promise<readonly MeshRow[]>
  /** Of one organisation, by name, deleted ones too. */
  listViews(org: string): Promise<readonly ViewRow[]>
  /** Changes with every event; cheap, since events are only ever added. */
  revision(): Promise<string>
  /** Newest first. */
  listEvents(query: ListEvents): Promise<readonly ListedEvent[]>
}

const COLUMNS = [
  'subject_kind',
  'org',
  'id',
  'actor',
  'session_id',
  'action',
  'subject',
  'reason',
  'old',
  'new',
  'state',
] as const

/**
 * ClickHouse compares the second half of a UUID first: as text, ids of one moment stand in the
 * order they were made.
 */
const NEWEST = '(at, toString(id))'

export function createIdentityLog(client: StoreClient): IdentityLog {
  /**
   * `earliest`: members of the state, ISO times, of which the earliest in any event is in
   * force. `ofOrg`: of one organisation alone.
   */
  const states = async (
    kind: SubjectKind,
    newest: string,
    earliest: readonly string[] = [],
    ofOrg?: string,
  ): Promise<Array<Record<string, unknown>>> => {
    const times = earliest.map((name) => {
      const time = `JSONExtractString(state, '${name}')`
      return `, minIf(${time}, ${time} != '') AS ${name}`
    })
    const rows = await client.rows({
      tag: `identity:list-${kind}`,
      sql: `SELECT org, subject, argMax((state, toString(id)), ${newest}) AS latest${times.join('')} FROM identity_events
        WHERE subject_kind = {kind:String} AND state != ''${ofOrg === undefined ? '' : ' AND org = {org:String}'}
        GROUP BY org, subject`,
      params: { kind, ...(ofOrg === undefined ? {} : { org: ofOrg }) },
    })
    return rows.map(({ org, latest, subject: _, ...inForce }) => {
      const [state, id] = Array.isArray(latest) ? latest.map(String) : []
      return {
        ...fieldsOf(JSON.parse(state ?? '{}')),
        ...inForce,
        org: String(org),
        eventId: id ?? '',
      }
    })
  }

  return {
    async append(events) {
      const ids = events.map(() => uuidv7())
      const text = (fields: object | null | undefined) =>
        fields === null || fields === undefined ? '' : JSON.stringify(fields)
      const lines = events.map((event, index) => {
        const { subjectKind, sessionId, old, state, new: becomes, ...rest } = event
        const row = {
          subject_kind: subjectKind,
          ...rest,
          session_id: sessionId ?? '',
          id: ids[index],
          old: text(old),
          new: text(becomes),
          state: text(state),
        }
        return jsonLine(row)
      })
      await client.insert(
        {
          tag: 'identity:append',
          sql: `INSERT INTO identity_events (${COLUMNS.join(', ')}) FORMAT JSONEachRow`,
        },
        Readable.from([Buffer.from(lines.join(''))], { objectMode: false }),
      )
      return ids
    },

    async listKeys() {
      // A revocation stands, and the earliest end of a key's time, whatever other replicas made of
      // an older state meanwhile.
      const keys = (await states('key', NEWEST, ['revokedAt', 'expiresAt'])).map(toKeyRow)
      return keys.sort(by(({ org, createdAt, id }) => `${org} ${createdAt} ${id}`))
    },

    async listOrganisations() {
      const rows = await states('organisation', NEWEST)
      const organisations = rows.map((row) => ({
        id: String(row.id),
        name: String(row.name),
        createdAt: String(row.createdAt),
      }))
      return organisations.sort(by(({ createdAt, id }) => `${createdAt} ${id}`))
    },

    async listSettings() {
      // Of two changes of the same revision, made on two replicas at once, the earlier is in force.
      const rows = await states(
        'settings',
        `(JSONExtractUInt(state, 'revision'), -toUnixTimestamp64Micro(at), id)`,
      )
      return rows.map(({ org, eventId, ...state }) => ({
        org: String(org),
        eventId: String(eventId),
        state,
      }))
    },

    async listSqlUsers() {
      const users = (await states('sql_user', NEWEST)).map((row) => ({
        org: String(row.org),
        name: String(row.name),
        prompts: row.prompts === true,
        createdAt: String(row.createdAt),
        removedAt: row.removedAt === null ? null : String(row.removedAt),
      }))
      return users.sort(by(({ org, name }) => `${org} ${name}`))
    },

    async listHolds() {
      // A release stands, whatever another replica made of an older state meanwhile.
      const holds = (await states('hold', NEWEST, ['releasedAt'])).map(toHoldRow)
      return holds.sort(by(({ placedAt, id }) => `${placedAt} ${id}`))
    },

    async listMesh() {
      return (await states('mesh', NEWEST)).map(toMeshRow)
    },

    async listViews(org) {
      const views = (await states('view', NEWEST, ['deletedAt'], org)).map(toViewRow)
      return views.sort(by(({ name, id }) => `${name} ${id}`))
    },

    async revision() {
      const [row] = await client.rows({
        tag: 'identity:revision',
        sql: 'SELECT count() AS events FROM identity_events',
      })
      return String(row?.events ?? '')
    },

    async listEvents({ org, fromMs, toMs, actions, subject, actor, before, limit }) {
      const conditions: Array<readonly [sql: string, params: Readonly<Record<string, Parameter>>]> =
        [
          ...(org === undefined ? [] : [['org = {org:String}', { org }] as const]),
          ...(fromMs === undefined
            ? []
            : [
                [
                  `at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')`,
                  { from_ms: fromMs },
                ] as const,
              ]),
          ...(toMs === undefined
            ? []
            : [[`at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')`, { to_ms: toMs }] as const]),
          ...(actions === undefined
            ? []
            : [['action IN {actions:Array(String)}', { actions }] as const]),
          ...(subject === undefined ? [] : [['subject = {subject:String}', { subject }] as const]),
          ...(actor === undefined ? [] : [['actor = {actor:String}', { actor }] as const]),
          ...(before === undefined
            ? []
            : [
                [
                  `${NEWEST} < (parseDateTime64BestEffort({before_at:String}, 6, 'UTC'), {before_id:String})`,
                  { before_at: before.at, before_id: before.id },
                ] as const,
              ]),
        ]
      const rows = await client.rows({
        tag: 'identity:list-events',
        sql: `SELECT subject_kind, org, at, id, actor, session_id, action, subject, reason, old, new FROM identity_events
          WHERE ${conditions.map(([sql]) => sql).join(' AND ') || 'true'} ORDER BY ${NEWEST} DESC LIMIT {limit:UInt32}`,
        params: { ...Object.assign({}, ...conditions.map(([, params]) => params)), limit },
      })
      return rows.map(toListedEvent)
    },
  }
}

function toListedEvent(row: Record<string, unknown>): ListedEvent {
  const fields = (text: unknown): Fields | null =>
    text === '' ? null : fieldsOf(JSON.parse(String(text)))
  return {
    id: String(row.id),
    at: isoTime(String(row.at)),
    subjectKind: subjectKindOf(row.subject_kind),
    org: String(row.org),
    actor: String(row.actor),
    sessionId: row.session_id === '' ? null : String(row.session_id),
    action: String(row.action),
    subject: String(row.subject),
    reason: row.reason === null ? null : String(row.reason),
    old: fields(row.old),
    new: fields(row.new),
  }
}

/** A kind that this build does not know was written by a newer one. */
function subjectKindOf(value: unknown): SubjectKind {
  const kind = SUBJECT_KINDS.find((known) => known === value)
  if (kind === undefined) throw new Error('an event is of a kind that this version does not know')
  return kind
}

function fieldsOf(value: unknown): Fields {
  if (Value.Check(FieldsSchema, value)) return value
  throw new Error('an event holds something else than an object')
}
const FieldsSchema = Type.Record(Type.String(), Type.Unknown())

/** Keys of earlier versions hold their lists as text and '' for null: see migration 007. */
function toKeyRow(row: Record<string, unknown>): KeyRow {
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

function toHoldRow(row: Record<string, unknown>): HoldRow {
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value))
  const fields = (value: unknown) => (Value.Check(FieldsSchema, value) ? value : null)
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

function toMeshRow(row: Record<string, unknown>): MeshRow {
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

function toViewRow(row: Record<string, unknown>): ViewRow {
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

function by<T>(textOf: (item: T) => string): (one: T, other: T) => number {
  return (one, other) => (textOf(one) < textOf(other) ? -1 : textOf(one) > textOf(other) ? 1 : 0)
}
