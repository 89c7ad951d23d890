import { currentCostReason } from './cost-reason-names.ts'
import type { CredentialKind } from './credential-kind.ts'
import {
  ACCESS_LOG_KINDS,
  type AccessLogEvidence,
  type ClosingEvidence,
  type ContentEvidence,
  type DeferredEvidence,
  type Evidence,
  type IntentEvidence,
  type ObservationEvidence,
  type PricingEvidence,
  type Provider,
  type ReportEvidence,
} from './evidence.ts'
import type { IdentityBasis } from './identity-basis.ts'
import { hasWholeAnswer, type Outcome, outcomeOf } from './outcome.ts'
import { costUnder } from './subscription-cost.ts'
import type { CostStatus, TokenUsage, UsageSource } from './usage.ts'

/** One audit record as `GET /v1/audit` gives it: every key always present, unknown is null. */
export interface AuditRecord extends TokenUsage {
  readonly requestId: string
  readonly provider: Provider
  readonly model: string | null
  readonly requestModel: string | null
  readonly endpoint: string | null
  readonly method: string | null
  readonly status: number | null
  readonly outcome: Outcome
  /**
   * Seen by Flint in the proxy, or on a route of a mesh, reported by the client that made the call, or found in another
   * call's answer (deferred work).
   */
  readonly source: 'proxy' | 'mesh' | 'client' | 'derived'
  /**
   * Of a derived record: the call whose answer reported the work; once the call that ordered it is
   * known, that one, which has the numbers then.
   */
  readonly parentId: string | null
  readonly stream: boolean | null
  readonly usageSource: UsageSource
  /** US dollars as decimal text, up to 12 places; a JSON number at the edge. */
  readonly costUsd: string | null
  readonly costStatus: CostStatus | null
  readonly priceVersion: string | null
  /**
   * Why the cost is not exact, or not known; null when it is exact or when there is nothing to
   * price.
   */
  readonly costReason: string | null
  /** False where the call cannot be on the bill: the usage in its answer is another call's. */
  readonly billable: boolean | null
  /** The provider's usage object, verbatim JSON. */
  readonly usageRaw: string | null
  /** Of a websocket: how many responses it carried; null for every other call. */
  readonly turns: number | null
  readonly parserVersion: string | null
  readonly latencyMs: number | null
  readonly timeToFirstByteMs: number | null
  readonly requestBytes: number | null
  readonly responseBytes: number | null
  readonly finishReason: string | null
  readonly providerRequestId: string | null
  /** The provider's id of what the call made. */
  readonly responseId: string | null
  readonly serviceTier: string | null
  readonly streamError: string | null
  readonly errorCode: string | null
  /** Why the capture is not whole; null when it is, or when no one observed the call. */
  readonly captureGap: string | null
  readonly keyId: string | null
  readonly keyHint: string | null
  /** What the provider key is by its shape; null where the shape does not say. */
  readonly credential: CredentialKind | null
  /** Who made the call, as far as `identityBasis` says; null where it came through no mesh. */
  readonly workload: string | null
  readonly namespace: string | null
  readonly serviceAccount: string | null
  readonly cluster: string | null
  /** From what that is known. */
  readonly identityBasis: IdentityBasis | null
  /** Whether prompts were to be kept when the call came; null where no one knows. */
  readonly promptCapture: boolean | null
  readonly promptPreview: string | null
  /** The beginning of the last text of the last message of the role user. */
  readonly lastUserPreview: string | null
  readonly promptHash: string | null
  readonly completionPreview: string | null
  /** Key of the object with the full prompt and completion, in S3 or on disk. */
  readonly promptS3Key: string | null
  /** Why text that was there is not kept. */
  readonly contentGap: string | null
  readonly claimedRequestId: string | null
  readonly callerRequestId: string | null
  readonly sessionId: string | null
  readonly traceId: string | null
  readonly userAgent: string | null
  readonly retryCount: number | null
  readonly tags: Readonly<Record<string, string>>
  /** ISO 8601, milliseconds, UTC. */
  readonly createdAt: string
  readonly completedAt: string | null
}

/**
 * The fold: the latest row of each kind as a whole, then each field from the row that knows it
 * best. The view `calls_folded` (store/views/01_calls_folded.sql) is the same in SQL, and property
 * tests run both over the same evidence (store/calls/fold.integration.test.ts).
 *
 * Returns null while the call is open, when there is no evidence, and forever once it was erased.
 */
export function foldRecord(evidence: readonly Evidence[], nowMs: number): AuditRecord | null {
  if (evidence.some(({ kind }) => kind === 'erasure')) return null
  const intent = latest<IntentEvidence>(evidence, 'intent')
  const reported = latest<ReportEvidence>(evidence, 'report')
  const deferred = latest<DeferredEvidence>(evidence, 'deferred')
  const observation = latest<ObservationEvidence>(evidence, 'observation') ?? reported ?? deferred
  // An order with usage from its provider stays as it is; what was only counted here gives way to
  // what a poll reported.
  const isDeferredUsed = deferred !== null && observation?.usage_source !== 'provider'
  const counted = isDeferredUsed ? deferred : observation
  const streamed = latest<ClosingEvidence>(evidence, 'closing')
  const closing = streamed ?? latest<AccessLogEvidence>(evidence, ...ACCESS_LOG_KINDS)
  const content = latest<ContentEvidence>(evidence, 'content')
  const repriced = latest<PricingEvidence>(evidence, 'pricing')
  // A price computed from other usage numbers does not apply.
  const priced =
    repriced !== null && (!isDeferredUsed || repriced.version > deferred.version)
      ? repriced
      : counted
  const any = intent ?? observation ?? closing
  const keyed = intent ?? observation ?? streamed
  if (!any) return null
  const createdAtMs = Date.parse(`${any.created_at.replace(' ', 'T')}Z`)
  const runEnded = evidence.some(({ kind }) => kind === 'run_ended')
  const outcome = outcomeOf(
    { intent, observation, closing, runEnded },
    (nowMs - createdAtMs) / 1000,
  )
  if (outcome === null) return null
  const isWhole = outcome === 'complete' && hasWholeAnswer(observation, closing)
  const isDerived = observation === deferred && intent === null && closing === null
  const isOfMesh = (intent?.identity_basis ?? null) !== null
  const latencyMs = closing?.latency_ms ?? observation?.latency_ms ?? null
  return {
    requestId: any.record_id,
    provider: any.provider,
    model: counted?.model ?? observation?.model ?? null,
    requestModel: observation?.request_model ?? null,
    endpoint: intent?.endpoint ?? observation?.endpoint ?? null,
    method: intent?.method ?? observation?.method ?? null,
    status: closing?.status ?? intent?.status ?? observation?.status ?? null,
    outcome,
    source: reported ? 'client' : isDerived ? 'derived' : isOfMesh ? 'mesh' : 'proxy',
    parentId: isDerived ? (deferred?.parent_id ?? null) : null,
    stream: observation?.stream ?? null,
    usageSource: counted?.usage_source ?? 'none',
    inputTokens: counted?.input_tokens ?? null,
    outputTokens: counted?.output_tokens ?? null,
    totalTokens: counted?.total_tokens ?? null,
    cachedInputTokens: counted?.cached_input_tokens ?? null,
    cacheWriteTokens: counted?.cache_write_tokens ?? null,
    cacheWrite5mTokens: counted?.cache_write_5m_tokens ?? null,
    cacheWrite1hTokens: counted?.cache_write_1h_tokens ?? null,
    reasoningTokens: counted?.reasoning_tokens ?? null,
    audioInputTokens: counted?.audio_input_tokens ?? null,
    audioOutputTokens: counted?.audio_output_tokens ?? null,
    costUsd: priced?.cost_usd ?? null,
    priceVersion: priced?.price_version ?? null,
    ...costUnder(intent?.credential ?? null, {
      costStatus: priced?.cost_status ?? null,
      costReason: currentCostReason(priced?.cost_reason ?? null),
    }),
    billable: counted?.billable ?? null,
    usageRaw: counted?.usage_raw ?? null,
    turns: observation?.turns ?? null,
    parserVersion: counted?.parser_version ?? null,
    latencyMs,
    timeToFirstByteMs:
      streamed?.time_to_first_byte_ms ?? observation?.time_to_first_byte_ms ?? null,
    requestBytes: closing?.request_bytes ?? observation?.request_bytes ?? null,
    responseBytes: closing?.response_bytes ?? observation?.response_bytes ?? null,
    finishReason: counted?.finish_reason ?? null,
    providerRequestId: observation?.provider_request_id ?? null,
    responseId: observation?.response_id ?? null,
    serviceTier: counted?.service_tier ?? null,
    streamError: observation?.stream_error ?? null,
    errorCode: intent?.error_code ?? null,
    captureGap:
      isWhole && observation?.gap === 'call_ended_early' ? null : (observation?.gap ?? null),
    keyId: keyed?.key_id ?? null,
    keyHint: keyed?.key_hint ?? null,
    credential: intent?.credential ?? null,
    workload: intent?.workload ?? null,
    namespace: intent?.namespace ?? null,
    serviceAccount: intent?.service_account ?? null,
    cluster: intent?.cluster ?? null,
    identityBasis: intent?.identity_basis ?? null,
    promptCapture: intent?.capture ?? observation?.capture ?? null,
    promptPreview: observation?.prompt_preview ?? null,
    lastUserPreview: observation?.last_user_preview ?? null,
    promptHash: observation?.prompt_hash ?? null,
    completionPreview: observation?.completion_preview ?? null,
    promptS3Key: observation?.content_key ?? content?.content_key ?? null,
    contentGap: observation?.content_gap ?? null,
    claimedRequestId: intent?.claimed_request_id ?? null,
    callerRequestId: intent?.caller_request_id ?? null,
    sessionId: intent?.session_id ?? null,
    traceId: intent?.trace_id ?? null,
    userAgent: intent?.user_agent ?? null,
    retryCount: intent?.retry_count ?? null,
    tags: intent?.tags ?? (observation?.kind === 'report' ? observation.tags : {}),
    createdAt: new Date(createdAtMs).toISOString(),
    completedAt: latencyMs === null ? null : new Date(createdAtMs + latencyMs).toISOString(),
  }
}

function latest<T extends Evidence>(
  evidence: readonly Evidence[],
  ...kinds: readonly T['kind'][]
): T | null {
  let found: Evidence | null = null
  for (const row of evidence)
    if (kinds.some((kind) => kind === row.kind) && (found === null || row.version > found.version))
      found = row
  return found as T | null
}
