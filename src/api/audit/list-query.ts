import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { PROVIDER_NAME } from '../../evidence/provider-name.ts'
import type { CursorCodec } from '../cursor.ts'
import type { ListCursor } from './list-cursor.ts'
import { toTimeRange } from './time-range.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 500

export const ListQuerySchema = Type.Object(
  {
    from: Type.Optional(
      Type.String({
        description: 'Start of the time range, inclusive. ISO 8601; without a zone UTC.',
        examples: ['2025-05-01'],
      }),
    ),
    to: Type.Optional(
      Type.String({
        description:
          'End of the time range, exclusive; a date without a time includes that whole day. ISO 8601; without a zone UTC.',
        examples: ['2025-05-31'],
      }),
    ),
    provider: Type.Optional(
      Type.String({
        pattern: PROVIDER_NAME,
        description: 'Name of a provider, as it stands in the path of its calls.',
        examples: ['openai'],
      }),
    ),
    model: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description:
          'The model that answered or the one that was asked for; a trailing `*` makes it a prefix.',
        examples: ['gpt-4o', 'gpt-4o*'],
      }),
    ),
    tag: Type.Optional(
      Type.String({
        maxLength: 512,
        description: '`name:value` of a tag that the call carried (x-flint-tag-name: value).',
        examples: ['team:search'],
      }),
    ),
    sessionId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'The session that a coding agent named with its calls.',
      }),
    ),
    callerRequestId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'x-request-id of the caller, else x-client-request-id.',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `Records per page, default ${DEFAULT_LIMIT}.`,
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description:
          '`nextCursor` of the page before. Alone it continues that list; a filter sent with it must be the same, `limit` may change.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ListQuery = Static<typeof ListQuerySchema>

/** One page to read. */
export interface PageRequest {
  readonly filter: ListCursor['filter']
  readonly limit: number
  readonly before: ListCursor['pk'] | undefined
}

/**
 * The request as a page to read, with everything a cursor remembers; throws invalid_request naming
 * what does not fit.
 */
export function toPageRequest(
  { cursor: text, limit, ...query }: ListQuery,
  org: string,
  cursors: CursorCodec<ListCursor>,
): PageRequest {
  const filter = toFilter(query)
  if (text === undefined) return { filter, limit: limit ?? DEFAULT_LIMIT, before: undefined }
  const cursor = cursors.open(text, org)
  for (const name of NAMES) {
    const field = FIELDS[name]
    if (
      query[name] !== undefined &&
      JSON.stringify(filter[field]) !== JSON.stringify(cursor.filter[field])
    ) {
      throw new FlintError(
        'invalid_request',
        `The query parameter "${name}" is not the one this cursor was made with: repeat it as it was, or leave it out.`,
      )
    }
  }
  return { filter: cursor.filter, limit: limit ?? cursor.limit, before: cursor.pk }
}

const NAMES = ['from', 'to', 'provider', 'model', 'tag', 'sessionId', 'callerRequestId'] as const
const FIELDS = {
  from: 'fromMs',
  to: 'toMs',
  provider: 'provider',
  model: 'model',
  tag: 'tag',
  sessionId: 'sessionId',
  callerRequestId: 'callerRequestId',
} as const

function toFilter({
  from,
  to,
  provider,
  model,
  tag,
  sessionId,
  callerRequestId,
}: Omit<ListQuery, 'cursor' | 'limit'>): ListCursor['filter'] {
  return {
    ...toTimeRange({ from, to }),
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(tag === undefined ? {} : { tag: toTag(tag) }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(callerRequestId === undefined ? {} : { callerRequestId }),
  }
}

export function toTag(text: string, place = 'query parameter'): { name: string; value: string } {
  const colon = text.indexOf(':')
  if (colon < 1) throw new FlintError('invalid_request', `The ${place} "tag" must be name:value.`)
  // A tag's name came out of a header's name, which has no case.
  return { name: text.slice(0, colon).toLowerCase(), value: text.slice(colon + 1) }
}
