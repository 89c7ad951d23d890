import { type Static, Type } from 'typebox'
import { type KeyState, keyState, type NewKey } from '../../identity/key-admin.ts'
import { SCOPES, type Scope } from '../../identity/principal.ts'
import type { KeyRow } from '../../store/identity/identity-rows.ts'
import { ReasonSchema } from '../reason-schema.ts'

export const DEFAULT_OVERLAP_SECONDS = 86_400
const MAX_OVERLAP_SECONDS = 30 * 86_400
/** ClickHouse knows no later time; a key must not become endless for that. */
export const MAX_EXPIRES_AT_MS = Date.UTC(2200, 0, 1)

const closed = { additionalProperties: false } as const
const nullableTime = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })

const SPACE = ' \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f'
/**
 * Not only spaces, and no control characters: names are printed in terminals. Without look-ahead,
 * which RE2 does not know (clients in Go), and with one way only to match, so that it costs no more
 * than its length.
 */
const NAME_PATTERN = `^[${SPACE}]*[^\\s${CONTROLS}][^${CONTROLS}]*$`

export const NameSchema = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: NAME_PATTERN,
  description: 'For people; need not be unique.',
  examples: ['ci'],
})
const NewExpiry = Type.Optional(
  nullableTime(
    'When the key ends, ISO 8601, in the future and before the year 2200. Default: never.',
  ),
)
const Reason = Type.Optional(ReasonSchema)
const shown = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String(), { description: 'What the key may do.' }),
  createdAt: Type.String({ description: 'ISO 8601.' }),
  expiresAt: nullableTime('ISO 8601; null: it does not expire.'),
}

/**
 * A key as it is listed: enough to know it again, nothing to use it with. Registered once,
 * referenced by the routes.
 */
export const ListedKeySchema = Type.Object(
  {
    ...shown,
    hint: Type.String({ description: 'Prefix and last four characters.' }),
    revokedAt: nullableTime('ISO 8601; null: it is not revoked.'),
    lastUsedAt: nullableTime(
      'When it last made a call or a report, or asked this API (to the minute); null: never. ISO 8601.',
    ),
    state: Type.Unsafe<KeyState>({
      type: 'string',
      enum: ['active', 'expired', 'revoked'] satisfies KeyState[],
    }),
  },
  { $id: 'ListedKey', description: 'A Flint key without the key itself.' },
)
export type ListedKey = Static<typeof ListedKeySchema>

export const ListedKeyRef = Type.Unsafe<ListedKey>({ $ref: 'ListedKey#' })
export const KeyListSchema = Type.Object({
  keys: Type.Array(ListedKeyRef, { description: 'Oldest first.' }),
})

export const MadeKeySchema = Type.Object({
  ...shown,
  key: Type.String({ description: 'The key itself, this once: Flint keeps only a hash.' }),
})

export const CreateBodySchema = Type.Object(
  {
    name: NameSchema,
    scopes: Type.Optional(
      Type.Array(Type.Unsafe<Scope>({ type: 'string', enum: [...SCOPES] }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Default: all but `events` and `admin`. `admin` includes `events`.',
      }),
    ),
    expiresAt: NewExpiry,
    reason: Reason,
  },
  { ...closed, examples: [{ name: 'ci', scopes: ['proxy', 'read'], expiresAt: '2027-01-01' }] },
)
export const RenameBodySchema = Type.Object(
  { name: NameSchema, reason: Reason },
  { ...closed, examples: [{ name: 'ci of team search' }] },
)
export const RotateBodySchema = Type.Object(
  {
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_OVERLAP_SECONDS,
        description: `How long the old key stays in force, default ${DEFAULT_OVERLAP_SECONDS} (a day). One that expires sooner keeps its time.`,
      }),
    ),
    expiresAt: NewExpiry,
    reason: Reason,
  },
  { ...closed, examples: [{ overlapSeconds: 3600 }] },
)

export const KeyParamsSchema = Type.Object({
  id: Type.String({ description: 'Id of the key.', examples: ['key_5f0c2a9be1d34c77'] }),
})
export const NoQuerySchema = Type.Object({}, closed)
export const RevokeQuerySchema = Type.Object({ reason: Reason }, closed)

/** By name: a column that the table gains later does not appear by itself. */
export function toListedKey(row: KeyRow, nowMs: number, lastUsedAt: string | null): ListedKey {
  const { id, name, hint, scopes, createdAt, expiresAt, revokedAt } = row
  return {
    id,
    name,
    hint,
    scopes: [...scopes],
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    state: keyState(row, nowMs),
  }
}

export function toMadeKey({
  id,
  key,
  name,
  scopes,
  createdAt,
  expiresAt,
}: NewKey): Static<typeof MadeKeySchema> {
  return { id, key, name, scopes: [...scopes], createdAt, expiresAt }
}

const EXAMPLE = {
  id: 'key_5f0c2a9be1d34c77',
  name: 'ci',
  scopes: ['proxy', 'read'],
  createdAt: '2026-05-04T14:22:01.000Z',
  expiresAt: '2027-01-01T00:00:00.000Z',
}
export const LISTED_KEY_EXAMPLE: ListedKey = {
  ...EXAMPLE,
  hint: 'flnt_live_...k3f2',
  revokedAt: null,
  lastUsedAt: '2026-05-05T08:00:00.000Z',
  state: 'active',
}
export const MADE_KEY_EXAMPLE: Static<typeof MadeKeySchema> = { ...EXAMPLE, key: 'flnt_live_…k3f2' }
