import { type Static, Type } from 'typebox'
import { CREDENTIAL_KINDS, type CredentialKind } from '../../evidence/credential-kind.ts'
import { DAY_MS } from '../../evidence/day.ts'
import { IDENTITY_BASES, type IdentityBasis } from '../../evidence/identity-basis.ts'
import type { Outcome } from '../../evidence/outcome.ts'
import type { CostStatus, UsageSource } from '../../evidence/usage.ts'
import type { Principal } from '../../identity/principal.ts'
import type { CallRecord } from '../../store/calls/call-row.ts'
import { COST_STATUSES, OUTCOMES, SOURCES, USAGE_SOURCES } from '../../store/calls/call-values.ts'

const text = (description: string, options: object = {}) => Type.String({ description, ...options })
const textOrNull = (description: string, options: object = {}) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description, ...options })
const numberOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['number', 'null'], description })
const wholeOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description })
const oneOf = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: values, description })

/** A record as it is given out: every key always present, unknown is null, money a JSON number. */
export const AuditRecordSchema = Type.Object(
  {
    requestId: text('Unique id of the call (UUIDv7).', { format: 'uuid' }),
    provider: text('The AI provider, by its name in the path of the call.'),
    model: textOrNull('Model id in the provider’s answer.'),
    requestModel: textOrNull('Model id in the request; on Azure the name of the deployment.'),
    endpoint: textOrNull('Provider API path, without query.'),
    method: textOrNull('HTTP method.'),
    status: wholeOrNull(
      'HTTP status the caller saw; null when the caller left before there was one.',
    ),
    outcome: oneOf<Outcome>(OUTCOMES, 'How the call ended, as far as its evidence shows.'),
    source: oneOf<CallRecord['source']>(
      SOURCES,
      'Seen in the proxy, reported by the client that made the call, or found in another call’s answer (deferred work whose order is not known).',
    ),
    parentId: textOrNull(
      'Of a derived record: the call whose answer reported it; once the ordering call is known, that call, which then has the numbers.',
    ),
    stream: Type.Unsafe<boolean | null>({
      type: ['boolean', 'null'],
      description: 'Whether the answer was streamed.',
    }),
    usageSource: oneOf<UsageSource>(USAGE_SOURCES, 'Who said the token numbers.'),
    inputTokens: wholeOrNull('All billable input, cached tokens and cache writes included.'),
    outputTokens: wholeOrNull('All output, reasoning included.'),
    totalTokens: wholeOrNull('Sum of input and output.'),
    cachedInputTokens: wholeOrNull('Part of inputTokens read from the provider’s cache.'),
    cacheWriteTokens: wholeOrNull('Part of inputTokens written to the provider’s cache.'),
    cacheWrite5mTokens: wholeOrNull('Part of cacheWriteTokens kept for 5 minutes.'),
    cacheWrite1hTokens: wholeOrNull('Part of cacheWriteTokens kept for an hour.'),
    reasoningTokens: wholeOrNull('Part of outputTokens spent on reasoning.'),
    audioInputTokens: wholeOrNull('Part of inputTokens that is audio.'),
    audioOutputTokens: wholeOrNull('Part of outputTokens that is audio.'),
    costUsd: numberOrNull(
      'Estimated cost in US dollars from published prices; null when the price is unknown.',
    ),
    costStatus: Type.Unsafe<CostStatus | null>({
      type: ['string', 'null'],
      enum: [...COST_STATUSES, null],
      description: 'How far the cost can be trusted.',
    }),
    priceVersion: textOrNull(
      'Version of the rates: source, its version and a hash of the row; see the table `prices`.',
    ),
    costReason: textOrNull(
      'Why the cost is not exact, or not known: unknown_model, no_usage, similar_model, missing_rate, …; all in docs/accuracy.md.',
    ),
    billable: Type.Unsafe<boolean | null>({
      type: ['boolean', 'null'],
      description:
        'False where the call cannot be on the bill: polls, counts, refusals, errors. Their token numbers are another call’s, or are not billed.',
    }),
    usageRaw: Type.Unsafe<unknown>({
      description:
        'The provider’s usage object as it was reported; a list of them where it was reported in parts. Null when there was none.',
    }),
    turns: wholeOrNull(
      'Of a websocket: how many responses it carried; their usage is summed up in this record. Null for every other call.',
    ),
    parserVersion: textOrNull('Version of the reader of the provider’s format.'),
    latencyMs: wholeOrNull('Milliseconds from receipt to the last byte of the answer.'),
    timeToFirstByteMs: wholeOrNull('Milliseconds to the first byte of the answer.'),
    requestBytes: wholeOrNull('Bytes of the request’s body.'),
    responseBytes: wholeOrNull('Bytes of the answer’s body.'),
    finishReason: textOrNull('Why the model stopped, in the provider’s words.'),
    providerRequestId: textOrNull('The provider’s id of the call.'),
    responseId: textOrNull(
      'The provider’s id of what the call made: a response, message, run, batch, interaction.',
    ),
    serviceTier: textOrNull('The provider’s service tier.'),
    streamError: textOrNull(
      'Type or code of an error inside an answer that began with 200, streamed or not.',
    ),
    errorCode: textOrNull('Error code of a call that Flint refused.'),
    captureGap: textOrNull(
      'Why the capture is not whole: `stream_lost`, `observer_overloaded`, `unreadable_encoding`, `unreadable_body`, `reading_failed`, ' +
        '`call_ended_early`, `row_refused` (the store refused the row; what could be kept of it is here); null when it is whole, or ' +
        'when no one observed the call.',
    ),
    keyId: textOrNull('Id of the Flint key; null where the call came through a mesh without one.'),
    keyHint: textOrNull('Last 4 characters of the provider key.'),
    credential: Type.Unsafe<CredentialKind | null>({
      type: ['string', 'null'],
      enum: [...CREDENTIAL_KINDS, null],
      description:
        'What the provider key is by its shape. A `subscription` is not billed by the token: costUsd is the list price then (costReason `subscription`). `signature`: the request was signed, and carried no key. Null where the shape does not say.',
    }),
    workload: textOrNull(
      'The workload that made a call that came through a mesh: its SPIFFE ID, the name that its proxy has of it, or an address, by `identityBasis`. Null for every other call.',
    ),
    namespace: textOrNull('The namespace of that workload, as far as `identityBasis` says it.'),
    serviceAccount: textOrNull('Its service account, likewise.'),
    cluster: textOrNull('The cluster of the proxy that took the call, as the proxy says.'),
    identityBasis: Type.Unsafe<IdentityBasis | null>({
      type: ['string', 'null'],
      enum: [...IDENTITY_BASES, null],
      description:
        'From what the workload is known. Verified: `peer_certificate` (its own certificate, checked by Envoy) and `proxy_certificate` (that of the proxy beside it, checked by Flint). Claimed: `node_metadata` (the metadata of that proxy) and `source_address`. `none`: nothing was said. Null where the call came through no mesh.',
    }),
    promptCapture: Type.Unsafe<boolean | null>({
      type: ['boolean', 'null'],
      description: 'Whether prompt capture was on when the call came; null for a refused call.',
    }),
    promptPreview: textOrNull('First 100 characters of the prompt. Scope `prompts`; else null.'),
    lastUserPreview: textOrNull(
      'First 100 characters of the last text of the last message of the role `user`: what was asked last, where prompts begin with the same system text. Null where there is none. Scope `prompts`; else null.',
    ),
    promptHash: textOrNull(
      'Hash of the full prompt (settings: promptHashMode), for deduplication. Scope `prompts`; else null.',
    ),
    completionPreview: textOrNull(
      'First 100 characters of the completion; calls through the proxy only. Scope `prompts`; else null.',
    ),
    promptS3Key: textOrNull(
      'Key of the object that holds the full prompt and completion: GET /v1/audit/prompt/{requestId}.',
    ),
    contentGap: textOrNull(
      'Why the text of the request is not known, or text that was there is not kept: `request_unreadable` (also without prompt capture: ' +
        'the model is not known then either), `unknown_endpoint`, `websocket` (its messages held sound or pictures alone, which are not kept), `websocket_partial` (some did, or could not be decoded; the text of the others is kept), `over_budget`, `spool_full`, `capture_failed`.',
    ),
    claimedRequestId: textOrNull('x-flint-request-id of the caller; claimed, not verified.'),
    callerRequestId: textOrNull('x-request-id of the caller, else x-client-request-id.'),
    sessionId: textOrNull(
      'The session that the call is part of, as coding agents name it: x-claude-code-session-id, session-id, session_id, thread-id or x-session-id of the caller; claimed, not verified.',
    ),
    traceId: textOrNull('Trace id of the caller’s traceparent.'),
    userAgent: textOrNull('User agent of the caller.'),
    retryCount: wholeOrNull('Which retry of the SDK this was.'),
    tags: Type.Unsafe<Readonly<Record<string, string>>>({
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'x-flint-tag-* of the caller; claimed, not verified.',
    }),
    createdAt: text('When the call was received. ISO 8601, UTC.', { format: 'date-time' }),
    completedAt: textOrNull('When its last byte was sent. ISO 8601, UTC.', { format: 'date-time' }),
    expiresAt: text(
      'When the record is deleted, unless a legal hold keeps it: createdAt plus retentionDays as it is set now. ISO 8601, UTC.',
      { format: 'date-time' },
    ),
    ingestedAt: text(
      'When its newest evidence was stored: a stable cursor for exporters. ISO 8601, UTC.',
      { format: 'date-time' },
    ),
  },
  {
    $id: 'AuditRecord',
    description:
      'One call to an AI provider. Every key is always present; what no one saw is null.',
  },
)
export type PublicRecord = Static<typeof AuditRecordSchema>

/** What the requester may see, and how long it is kept. */
interface Requester {
  readonly retentionDays: number
  readonly mayReadPrompts: boolean
}

const HIDDEN = {
  promptPreview: null,
  lastUserPreview: null,
  promptHash: null,
  completionPreview: null,
}

/**
 * Money leaves as a number: decimals inside, JSON at the edge. Copied whole, since leaving members
 * out of a record of 60 costs more than all else that a page does.
 */
function toPublicRecord(
  record: CallRecord,
  { retentionDays, mayReadPrompts }: Requester,
): PublicRecord {
  const { costUsd, usageRaw, createdAt } = record
  return {
    ...record,
    ...(mayReadPrompts ? {} : HIDDEN),
    usageRaw: usageRaw === null ? null : parsed(usageRaw),
    costUsd: costUsd === null ? null : Number(costUsd),
    expiresAt: new Date(Date.parse(createdAt) + retentionDays * DAY_MS).toISOString(),
  }
}

/** Records as one who asks may see them. */
export function recordsShownTo(
  { org, scopes }: Principal,
  retentionDaysOf: (org: string) => number,
): (record: CallRecord) => PublicRecord {
  const requester = {
    retentionDays: retentionDaysOf(org),
    mayReadPrompts: scopes.includes('prompts'),
  }
  return (record) => toPublicRecord(record, requester)
}

/**
 * Text that is not JSON was damaged on its way here: it is given out as it is rather than dropped.
 */
function parsed(usageRaw: string): unknown {
  try {
    return JSON.parse(usageRaw)
  } catch {
    return usageRaw
  }
}

/**
 * A whole record of one call; record-example.test.ts makes the same of it, so that it stays true.
 */
export const RECORD_EXAMPLE: PublicRecord = {
  requestId: '01969bac-e328-7a51-9f0e-2f1c6f3f8a11',
  provider: 'openai',
  model: 'gpt-4o-2024-08-06',
  requestModel: 'gpt-4o',
  endpoint: '/v1/chat/completions',
  method: 'POST',
  status: 200,
  outcome: 'complete',
  source: 'proxy',
  parentId: null,
  stream: false,
  usageSource: 'provider',
  inputTokens: 512,
  outputTokens: 128,
  totalTokens: 640,
  cachedInputTokens: 0,
  cacheWriteTokens: null,
  cacheWrite5mTokens: null,
  cacheWrite1hTokens: null,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
  costUsd: 0.00256,
  costStatus: 'exact',
  priceVersion: 'genai-prices@0.1.8/f22084247c33',
  costReason: null,
  billable: true,
  usageRaw: {
    prompt_tokens: 512,
    completion_tokens: 128,
    total_tokens: 640,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
  turns: null,
  parserVersion: 'openai-chat/5',
  latencyMs: 843,
  timeToFirstByteMs: 301,
  requestBytes: 310,
  responseBytes: 910,
  finishReason: 'stop',
  providerRequestId: 'req_8e2d4c6b0a9f417d8c35e1b7a6f09d42',
  responseId: 'chatcmpl-BTrW8Zk3QyHnLq0sVfJ2xUe5oM7dC',
  serviceTier: 'default',
  streamError: null,
  errorCode: null,
  captureGap: null,
  keyId: 'key_5f0c2a9be1d34c77',
  keyHint: '...k3f2',
  credential: 'api_key',
  workload: null,
  namespace: null,
  serviceAccount: null,
  cluster: null,
  identityBasis: null,
  promptCapture: true,
  promptPreview: 'Summarise this contract in 3 bullets.',
  lastUserPreview: 'Summarise this contract in 3 bullets.',
  promptHash: '5b2a5f8e3c1d4f7a9b0c6d8e2f4a1b3c5d7e9f0a2b4c6d8e1f3a5b7c9d0e2f4a',
  completionPreview: '1. Payment terms are net-30.',
  promptS3Key: 'org_9c1e5a7b3d2f4680/2025-05-04/01969bac-e328-7a51-9f0e-2f1c6f3f8a11.json.gz',
  contentGap: null,
  claimedRequestId: null,
  callerRequestId: null,
  sessionId: null,
  traceId: null,
  userAgent: 'OpenAI/JS 6.49.0',
  retryCount: 0,
  tags: { team: 'search' },
  createdAt: '2025-05-04T14:22:01.000Z',
  completedAt: '2025-05-04T14:22:01.843Z',
  expiresAt: '2025-08-02T14:22:01.000Z',
  ingestedAt: '2025-05-04T14:22:02.410Z',
}
