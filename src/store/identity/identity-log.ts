import { Readable } from 'node:stream'
import { uuidv7 } from 'uuidv7'
import { jsonLine } from '../../evidence/json-line.ts'
import type { StoreClient } from '../client/client.ts'
import { parseFields } from './event-fields.ts'
import type { IdentityEvent, ListedEvent, SubjectKind } from './identity-event.ts'
import {
  type HoldRow,
  type KeyRow,
  type MeshRow,
  type OrganisationRow,
  type SettingsRow,
  type SqlUserRow,
  toHoldRow,
  toKeyRow,
  toMeshRow,
  toOrganisationRow,
  toSettingsRow,
  toSqlUserRow,
  toViewRow,
  type ViewRow,
} from './identity-rows.ts'
import { type ListEvents, listEvents, NEWEST } from './list-events.ts'

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
        ...parseFields(state ?? '{}'),
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
      const organisations = (await states('organisation', NEWEST)).map(toOrganisationRow)
      return organisations.sort(by(({ createdAt, id }) => `${createdAt} ${id}`))
    },

    async listSettings() {
      // Of two changes of the same revision, made on two replicas at once, the earlier is in force.
      const rows = await states(
        'settings',
        `(JSONExtractUInt(state, 'revision'), -toUnixTimestamp64Micro(at), id)`,
      )
      return rows.map(toSettingsRow)
    },

    async listSqlUsers() {
      const users = (await states('sql_user', NEWEST)).map(toSqlUserRow)
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

    listEvents: (query) => listEvents(client, query),
  }
}

function by<T>(textOf: (item: T) => string): (one: T, other: T) => number {
  return (one, other) => (textOf(one) < textOf(other) ? -1 : textOf(one) > textOf(other) ? 1 : 0)
}
