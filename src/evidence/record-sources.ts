import { ACCESS_LOG_KINDS, type Evidence } from './evidence.ts'
import type { AuditRecord } from './record.ts'

/** A row of the table `evidence`: its columns by their names. */
export type EvidenceRow = Readonly<Record<string, unknown>> & {
  readonly kind: string
  readonly version: number
}

/** Null: computed from several rows, or known to none. */
export type RecordSources = Readonly<Record<keyof AuditRecord, string | null>>

/** The rows that a record is made of: the newest of each kind, and which of them counts for what. */
interface ChosenRows {
  readonly intent: EvidenceRow | null
  /** What was observed, else reported, else found in another call's answer. */
  readonly observation: EvidenceRow | null
  readonly deferred: EvidenceRow | null
  /** Whose usage counts. */
  readonly counted: EvidenceRow | null
  /** Whose price counts. */
  readonly priced: EvidenceRow | null
  /** Of Envoy's stream. */
  readonly streamed: EvidenceRow | null
  /** That, else of Envoy's log. */
  readonly closing: EvidenceRow | null
  readonly content: EvidenceRow | null
}

/** The same choice that `foldRecord` makes; record-sources.test.ts holds the two together. */
export function chosenRows(rows: readonly EvidenceRow[]): ChosenRows {
  const intent = newest(rows, 'intent')
  const deferred = newest(rows, 'deferred')
  const observation = newest(rows, 'observation') ?? newest(rows, 'report') ?? deferred
  const isDeferredUsed = deferred !== null && observation?.usage_source !== 'provider'
  const counted = isDeferredUsed ? deferred : observation
  const repriced = newest(rows, 'pricing')
  const priced =
    repriced !== null && (!isDeferredUsed || repriced.version > deferred.version)
      ? repriced
      : counted
  const streamed = newest(rows, 'closing')
  const closing = streamed ?? newest(rows, ...ACCESS_LOG_KINDS)
  const content = newest(rows, 'content')
  return { intent, observation, deferred, counted, priced, streamed, closing, content }
}

/** Which kind of evidence each field of the record was taken from. */
export function recordSources(rows: readonly EvidenceRow[]): RecordSources {
  const chosen = chosenRows(rows)
  const { intent, observation, deferred, counted, priced, streamed, closing, content } = chosen
  const any = intent ?? observation ?? closing
  const keyed = intent ?? observation ?? streamed
  const isDerived = observation === deferred && intent === null && closing === null
  const isListPrice =
    intent?.credential === 'subscription' &&
    (priced?.cost_status === 'exact' || priced?.cost_status === 'estimated')
  const of = (column: string, ...from: readonly (EvidenceRow | null)[]) =>
    from.find((row) => (row?.[column] ?? null) !== null)?.kind ?? null
  const latency = of('latency_ms', closing, observation)
  return {
    requestId: any?.kind ?? null,
    provider: any?.kind ?? null,
    model: of('model', counted, observation),
    requestModel: of('request_model', observation),
    endpoint: of('endpoint', intent, observation),
    method: of('method', intent, observation),
    status: of('status', closing, intent, observation),
    outcome: null,
    source: null,
    parentId: isDerived ? of('parent_id', deferred) : null,
    stream: of('stream', observation),
    usageSource: of('usage_source', counted),
    inputTokens: of('input_tokens', counted),
    outputTokens: of('output_tokens', counted),
    totalTokens: of('total_tokens', counted),
    cachedInputTokens: of('cached_input_tokens', counted),
    cacheWriteTokens: of('cache_write_tokens', counted),
    cacheWrite5mTokens: of('cache_write_5m_tokens', counted),
    cacheWrite1hTokens: of('cache_write_1h_tokens', counted),
    reasoningTokens: of('reasoning_tokens', counted),
    audioInputTokens: of('audio_input_tokens', counted),
    audioOutputTokens: of('audio_output_tokens', counted),
    costUsd: of('cost_usd', priced),
    // That a subscription pays is known from the credential alone.
    costStatus: isListPrice ? 'intent' : of('cost_status', priced),
    priceVersion: of('price_version', priced),
    costReason: isListPrice ? 'intent' : of('cost_reason', priced),
    billable: of('billable', counted),
    usageRaw: of('usage_raw', counted),
    turns: of('turns', observation),
    parserVersion: of('parser_version', counted),
    latencyMs: latency,
    timeToFirstByteMs: of('time_to_first_byte_ms', streamed, observation),
    requestBytes: of('request_bytes', closing, observation),
    responseBytes: of('response_bytes', closing, observation),
    finishReason: of('finish_reason', counted),
    providerRequestId: of('provider_request_id', observation),
    responseId: of('response_id', observation),
    serviceTier: of('service_tier', counted),
    streamError: of('stream_error', observation),
    errorCode: of('error_code', intent),
    captureGap: of('gap', observation),
    keyId: of('key_id', keyed),
    keyHint: of('key_hint', keyed),
    credential: of('credential', intent),
    workload: of('workload', intent),
    namespace: of('namespace', intent),
    serviceAccount: of('service_account', intent),
    cluster: of('cluster', intent),
    identityBasis: of('identity_basis', intent),
    promptCapture: of('capture', intent, observation),
    promptPreview: of('prompt_preview', observation),
    lastUserPreview: of('last_user_preview', observation),
    promptHash: of('prompt_hash', observation),
    completionPreview: of('completion_preview', observation),
    promptS3Key: of('content_key', observation, content),
    contentGap: of('content_gap', observation),
    claimedRequestId: of('claimed_request_id', intent),
    callerRequestId: of('caller_request_id', intent),
    sessionId: of('session_id', intent),
    traceId: of('trace_id', intent),
    userAgent: of('user_agent', intent),
    retryCount: of('retry_count', intent),
    tags: (intent ?? (observation?.kind === 'report' ? observation : null))?.kind ?? null,
    createdAt: any?.kind ?? null,
    completedAt: latency,
  }
}

function newest(
  rows: readonly EvidenceRow[],
  ...kinds: readonly Evidence['kind'][]
): EvidenceRow | null {
  let found: EvidenceRow | null = null
  for (const row of rows)
    if (kinds.some((kind) => kind === row.kind) && (found === null || row.version > found.version))
      found = row
  return found
}
