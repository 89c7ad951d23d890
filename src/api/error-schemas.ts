import { Type } from 'typebox'
import { ERRORS, type ErrorCode, errorBody } from '../errors.ts'

/** The body of every error answer; registered once, referenced by each route. */
export const FlintErrorSchema = Type.Object(
  {
    error: Type.Object({
      code: Type.Unsafe<ErrorCode>({
        type: 'string',
        enum: Object.keys(ERRORS),
        description: 'Stable and machine-readable.',
      }),
      message: Type.String({
        description: 'For people; may change. Names the parameter that is at fault.',
      }),
      type: Type.Literal('flint_error'),
      reason: Type.Optional(
        Type.String({
          description: 'A finer code where one error has several causes, e.g. `in_progress`.',
        }),
      ),
    }),
  },
  { $id: 'FlintError', description: 'The same shape for every error Flint itself answers with.' },
)

/** What every question behind a key may end in. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'invalid_request',
  'invalid_api_key',
  'forbidden',
  'rate_limited',
  'audit_unavailable',
]

/**
 * `response` entries of a route for the errors it may answer with, one per status, examples out of
 * the catalogue.
 */
export function errorResponses(codes: readonly ErrorCode[]): Readonly<Record<number, object>> {
  const statuses = new Set(codes.map((code) => ERRORS[code].status))
  return Object.fromEntries(
    [...statuses]
      .map((status) => [status, codes.filter((code) => ERRORS[code].status === status)] as const)
      .map(([status, group]) => [
        status,
        {
          description: group.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n\n'),
          content: {
            'application/json': {
              schema: { $ref: 'FlintError#' },
              examples: Object.fromEntries(group.map((code) => [code, { value: errorBody(code) }])),
            },
          },
        },
      ]),
  )
}
