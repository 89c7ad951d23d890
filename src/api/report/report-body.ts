import { type Static, type TSchemaOptions, Type } from 'typebox'
import { PROVIDER_NAME } from '../../evidence/provider-name.ts'

/** Null says the same as leaving the member out: unknown, never zero or ''. */
function orNull<T>(type: 'number' | 'integer' | 'string', rules: TSchemaOptions) {
  return Type.Optional(Type.Unsafe<T | null>({ type: [type, 'null'], ...rules }))
}

/**
 * The body of a report, as the users' guide describes it. Members it does not name are ignored: a
 * report is not lost for one.
 */
export const ReportBodySchema = Type.Object({
  provider: Type.String({
    pattern: PROVIDER_NAME,
    description: 'Name of a provider that Flint is configured with.',
    examples: ['openai'],
  }),
  endpoint: Type.String({
    pattern: '^/',
    maxLength: 2048,
    description: 'Provider API path; a query is cut off.',
    examples: ['/v1/chat/completions'],
  }),
  response: Type.Unknown({
    description:
      'What the provider answered: the SDK’s object, the JSON, the events of a stream in a list, or an error object.',
  }),
  latencyMs: orNull<number>('number', {
    minimum: 0,
    maximum: 86_400_000,
    description: 'Duration of the call as the client measured it; null where it is unknown.',
  }),
  status: orNull<number>('integer', {
    minimum: 100,
    maximum: 599,
    description: 'HTTP status of the provider; without it, or null: 200.',
  }),
  messages: Type.Optional(
    Type.Unknown({ description: 'What was asked; only used where prompt capture is on.' }),
  ),
  system: Type.Optional(
    Type.Unknown({ description: 'System prompt; only used where prompt capture is on.' }),
  ),
  startedAt: orNull<string>('string', {
    description:
      'When the call began, ISO 8601, within the last 24 hours; becomes createdAt. Without it, or null: now.',
  }),
})
export type ReportBody = Static<typeof ReportBodySchema>

export const ReportedSchema = Type.Object({
  requestId: Type.String({ description: 'Id of the record.' }),
  createdAt: Type.String({ description: 'ISO 8601.' }),
})
