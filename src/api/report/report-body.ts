import { type Static, Type } from 'typebox'
import type { Provider } from '../../evidence/evidence.ts'
import { PROVIDER_LIST, PROVIDERS } from '../../providers/registry.ts'

/**
 * The body of a report, as the users' guide describes it. Members it does not name are ignored: a
 * report is not lost for one.
 */
export const ReportBodySchema = Type.Object({
  provider: Type.Unsafe<Provider>({
    type: 'string',
    enum: [...PROVIDERS],
    description: `${PROVIDER_LIST}.`,
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
  latencyMs: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 86_400_000,
      description: 'Duration of the call as the client measured it.',
    }),
  ),
  status: Type.Optional(
    Type.Integer({
      minimum: 100,
      maximum: 599,
      description: 'HTTP status of the provider, default 200.',
    }),
  ),
  messages: Type.Optional(
    Type.Unknown({ description: 'What was asked; only used where prompt capture is on.' }),
  ),
  system: Type.Optional(
    Type.Unknown({ description: 'System prompt; only used where prompt capture is on.' }),
  ),
  startedAt: Type.Optional(
    Type.String({
      description:
        'When the call began, ISO 8601, within the last 24 hours; becomes createdAt. Default: now.',
    }),
  ),
})
export type ReportBody = Static<typeof ReportBodySchema>

export const ReportedSchema = Type.Object({
  requestId: Type.String({ description: 'Id of the record.' }),
  createdAt: Type.String({ description: 'ISO 8601.' }),
})
