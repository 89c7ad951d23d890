import { randomUUID } from 'node:crypto'
import type { IdentityEvent } from '../store/identity/identity-event.ts'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { KeyRow, OrganisationRow } from '../store/identity/identity-rows.ts'
import type { Acted, EventAction } from './events.ts'
import { flintKeyHint, hashFlintKey, makeFlintKey } from './flint-key.ts'
import { DEFAULT_SCOPES, SCOPES, type Scope } from './principal.ts'

export interface NewKey {
  readonly id: string
  /** The key itself: shown this once, stored nowhere. */
  readonly key: string
  readonly org: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** ISO 8601. */
  readonly createdAt: string
  readonly expiresAt: string | null
}

export type KeyState = 'active' | 'expired' | 'revoked'

export function keyState(
  { expiresAt, revokedAt }: Pick<KeyRow, 'expiresAt' | 'revokedAt'>,
  nowMs: number,
): KeyState {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active'
}

export interface KeyAdminOptions {
  readonly log: IdentityLog
  readonly pepper: Buffer
  readonly now?: () => Date
}

interface Reasoned extends Acted {
  /** Why, as they said: kept in the event. */
  readonly reason?: string | null | undefined
}

interface CreateKey extends Reasoned {
  readonly org: string
  readonly name: string
  readonly scopes?: readonly Scope[]
  readonly expiresAt?: Date | null
  /** For a key that the operator brings along; else a random one is made. */
  readonly key?: string
}

/**
 * One key, named together with the organisation that asks: another organisation's key is not found.
 */
interface OwnKey {
  readonly org: string
  readonly id: string
}

interface RotateKey extends OwnKey, Reasoned {
  /** How long the old key stays in force; one that expires sooner keeps its time. */
  readonly overlapMs: number
  /** Of the new key. */
  readonly expiresAt?: Date | null
}

/**
 * Makes, lists and revokes keys and organisations; the directories of gate and API follow within
 * seconds.
 */
export interface KeyAdmin {
  /**
   * The first organisation and its key with all scopes; null when there is an organisation already.
   */
  ensureFirstOrganisation(bootstrapKey: string | undefined): Promise<NewKey | null>
  createKey(wish: CreateKey): Promise<NewKey>
  /** Of one organisation, or of all. */
  listKeys(org?: string): Promise<readonly KeyRow[]>
  listOrganisations(): Promise<readonly OrganisationRow[]>
  /** A new organisation and its first key, with all scopes. */
  createOrganisation(
    wish: Acted & { readonly name: string },
  ): Promise<{ readonly organisation: OrganisationRow; readonly key: NewKey }>
  renameOrganisation(
    wish: Acted & { readonly id: string; readonly name: string },
  ): Promise<OrganisationRow | 'not_found'>
  /**
   * Also the last key with scope admin: the operator can make another. False when there is no such
   * key.
   */
  revokeKey(wish: Reasoned & { readonly id: string }): Promise<boolean>
  /**
   * What an organisation does itself. Never takes its last active key with scope admin: it would
   * have locked itself out.
   */
  revokeOwnKey(key: OwnKey & Reasoned): Promise<'revoked' | 'not_found' | 'last_admin_key'>
  renameKey(key: OwnKey & Reasoned & { readonly name: string }): Promise<KeyRow | 'not_found'>
  /**
   * A new key with the old one's name and scopes. Only an active key can be rotated: nothing ended
   * comes back this way.
   */
  rotateKey(wish: RotateKey): Promise<NewKey | 'not_found' | 'not_active'>
}

export function createKeyAdmin({ log, pepper, now = () => new Date() }: KeyAdminOptions): KeyAdmin {
  function make({
    org,
    name,
    scopes = DEFAULT_SCOPES,
    expiresAt = null,
    key = makeFlintKey(),
  }: Omit<CreateKey, keyof Reasoned>) {
    const keyHash = hashFlintKey(pepper, key)
    const row: KeyRow = {
      org,
      // Two replicas that start with the same bootstrap key make the same key.
      id: `key_${keyHash.slice(0, 16)}`,
      name,
      keyHash,
      hint: flintKeyHint(key),
      scopes,
      createdAt: now().toISOString(),
      expiresAt: expiresAt?.toISOString() ?? null,
      revokedAt: null,
    }
    const { id, createdAt } = row
    return {
      row,
      made: { id, key, org, name, scopes, createdAt, expiresAt: row.expiresAt } satisfies NewKey,
    }
  }

  async function createKey({ actor, sessionId, reason, ...wish }: CreateKey): Promise<NewKey> {
    const { row, made } = make(wish)
    await log.append([keyEvent('key.created', { actor, sessionId, reason }, null, row)])
    return made
  }

  const find = async ({ org, id }: OwnKey) =>
    (await log.listKeys()).find((key) => key.org === org && key.id === id)

  /**
   * Changes of existing keys, one after the other: each replaces a whole row, so of two at once the
   * later would undo the earlier, and two administrators could revoke each other. Between processes
   * there is no such order.
   */
  let lastChange: Promise<unknown> = Promise.resolve()
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = lastChange.then(change)
    lastChange = turn.catch(() => undefined)
    return turn
  }

  return {
    async ensureFirstOrganisation(bootstrapKey) {
      if ((await log.listOrganisations()).length > 0) return null
      const org =
        bootstrapKey === undefined
          ? newOrganisationId()
          : `org_${hashFlintKey(pepper, bootstrapKey).slice(16, 32)}`
      const { row, made } = make({
        org,
        name: 'bootstrap',
        scopes: SCOPES,
        ...(bootstrapKey === undefined ? {} : { key: bootstrapKey }),
      })
      await log.append([
        organisationEvent('organisation.created', FLINT, null, {
          id: org,
          name: 'first',
          createdAt: now().toISOString(),
        }),
        keyEvent('key.created', { actor: FLINT }, null, row),
      ])
      return made
    },
    createKey,
    async createOrganisation({ actor, name }) {
      const organisation = { id: newOrganisationId(), name, createdAt: now().toISOString() }
      const { row, made } = make({ org: organisation.id, name: 'first', scopes: SCOPES })
      await log.append([
        organisationEvent('organisation.created', actor, null, organisation),
        keyEvent('key.created', { actor }, null, row),
      ])
      return { organisation, key: made }
    },
    renameOrganisation: ({ actor, id, name }) =>
      inTurn(async () => {
        const organisation = (await log.listOrganisations()).find(
          (candidate) => candidate.id === id,
        )
        if (!organisation) return 'not_found'
        const renamed = { ...organisation, name }
        await log.append([organisationEvent('organisation.renamed', actor, organisation, renamed)])
        return renamed
      }),
    async listKeys(org) {
      const keys = await log.listKeys()
      return org === undefined ? keys : keys.filter((key) => key.org === org)
    },
    listOrganisations: () => log.listOrganisations(),
    revokeKey: ({ id, ...by }) =>
      inTurn(async () => {
        const key = (await log.listKeys()).find((candidate) => candidate.id === id)
        if (!key) return false
        if (key.revokedAt === null)
          await log.append([
            keyEvent('key.revoked', by, key, {
              ...key,
              revokedAt: now().toISOString(),
            }),
          ])
        return true
      }),
    revokeOwnKey: ({ org, id, ...by }) =>
      inTurn(async () => {
        const keys = (await log.listKeys()).filter((key) => key.org === org)
        const key = keys.find((candidate) => candidate.id === id)
        if (!key) return 'not_found'
        if (key.revokedAt !== null) return 'revoked'
        const at = now()
        const isActiveAdmin = (candidate: KeyRow) =>
          candidate.scopes.includes('admin') && keyState(candidate, at.getTime()) === 'active'
        if (isActiveAdmin(key) && keys.filter(isActiveAdmin).length === 1) return 'last_admin_key'
        await log.append([
          keyEvent('key.revoked', by, key, { ...key, revokedAt: at.toISOString() }),
        ])
        return 'revoked'
      }),
    renameKey: ({ org, id, name, ...by }) =>
      inTurn(async () => {
        const key = await find({ org, id })
        if (!key) return 'not_found'
        const renamed = { ...key, name }
        await log.append([keyEvent('key.renamed', by, key, renamed)])
        return renamed
      }),
    rotateKey: ({ org, id, overlapMs, expiresAt = null, ...by }) =>
      inTurn(async () => {
        const old = await find({ org, id })
        if (!old) return 'not_found'
        const atMs = now().getTime()
        if (keyState(old, atMs) !== 'active') return 'not_active'
        const scopes = SCOPES.filter((scope) => old.scopes.includes(scope))
        const { row, made } = make({ org: old.org, name: old.name, scopes, expiresAt })
        const endMs = Math.min(
          atMs + overlapMs,
          old.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(old.expiresAt),
        )
        await log.append([
          keyEvent('key.created', by, null, row),
          keyEvent('key.rotated', by, old, {
            ...old,
            expiresAt: new Date(endMs).toISOString(),
          }),
        ])
        return made
      }),
  }
}

/** Actor of what happens by itself. */
const FLINT = 'flint'

function newOrganisationId(): string {
  return `org_${randomUUID().replaceAll('-', '').slice(0, 16)}`
}

function keyEvent(
  action: EventAction,
  { actor, sessionId, reason = null }: Reasoned,
  old: KeyRow | null,
  key: KeyRow,
): IdentityEvent {
  const { org, id } = key
  return {
    subjectKind: 'key',
    org,
    actor,
    sessionId,
    action,
    subject: id,
    reason,
    ...changeOf(old && shown(old), shown(key)),
    state: key,
  }
}

function organisationEvent(
  action: EventAction,
  actor: string,
  old: OrganisationRow | null,
  now: OrganisationRow,
): IdentityEvent {
  const change = changeOf(old && { name: old.name }, { name: now.name })
  return {
    subjectKind: 'organisation',
    org: now.id,
    actor,
    action,
    subject: now.id,
    reason: null,
    ...change,
    state: now,
  }
}

/** What an event may say of a key: never its HMAC. */
function shown({ name, hint, scopes, expiresAt, revokedAt }: KeyRow): Record<string, unknown> {
  return { name, hint, scopes, expiresAt, revokedAt }
}

/** Only what changed; of something new, all of it. */
function changeOf(
  old: Record<string, unknown> | null,
  now: Record<string, unknown>,
): Pick<IdentityEvent, 'old' | 'new'> {
  if (old === null) return { old: null, new: now }
  const names = Object.keys(now).filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  )
  const pick = (from: Record<string, unknown>) =>
    Object.fromEntries(names.map((name) => [name, from[name]]))
  return { old: pick(old), new: pick(now) }
}
