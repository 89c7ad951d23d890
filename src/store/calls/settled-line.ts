import type { Evidence } from '../../evidence/evidence.ts'
import { foldVersion } from '../../evidence/fold-version.ts'
import { jsonLine } from '../../evidence/json-line.ts'
import type { AuditRecord } from '../../evidence/record.ts'

/** Column of `calls_settled` that holds each field of a record. */
export const COLUMN_OF = {
  requestId: 'record_id',
  createdAt: 'created_at',
  provider: 'provider',
  model: 'model',
  requestModel: 'request_model',
  endpoint: 'endpoint',
  method: 'method',
  status: 'status',
  outcome: 'outcome',
  source: 'source',
  stream: 'stream',
  usageSource: 'usage_source',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  totalTokens: 'total_tokens',
  cachedInputTokens: 'cached_input_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  cacheWrite5mTokens: 'cache_write_5m_tokens',
  cacheWrite1hTokens: 'cache_write_1h_tokens',
  reasoningTokens: 'reasoning_tokens',
  audioInputTokens: 'audio_input_tokens',
  audioOutputTokens: 'audio_output_tokens',
  costUsd: 'cost_usd',
  costStatus: 'cost_status',
  priceVersion: 'price_version',
  costReason: 'cost_reason',
  billable: 'billable',
  usageRaw: 'usage_raw',
  turns: 'turns',
  parserVersion: 'parser_version',
  latencyMs: 'latency_ms',
  timeToFirstByteMs: 'time_to_first_byte_ms',
  requestBytes: 'request_bytes',
  responseBytes: 'response_bytes',
  finishReason: 'finish_reason',
  providerRequestId: 'provider_request_id',
  responseId: 'response_id',
  parentId: 'parent_id',
  serviceTier: 'service_tier',
  streamError: 'stream_error',
  errorCode: 'error_code',
  captureGap: 'capture_gap',
  promptCapture: 'prompt_capture',
  promptPreview: 'prompt_preview',
  lastUserPreview: 'last_user_preview',
  promptHash: 'prompt_hash',
  completionPreview: 'completion_preview',
  promptS3Key: 'content_key',
  contentGap: 'content_gap',
  keyId: 'key_id',
  keyHint: 'key_hint',
  credential: 'credential',
  workload: 'workload',
  namespace: 'namespace',
  serviceAccount: 'service_account',
  cluster: 'cluster',
  identityBasis: 'identity_basis',
  claimedRequestId: 'claimed_request_id',
  callerRequestId: 'caller_request_id',
  sessionId: 'session_id',
  traceId: 'trace_id',
  userAgent: 'user_agent',
  retryCount: 'retry_count',
  tags: 'tags',
  completedAt: 'completed_at',
} as const satisfies Readonly<Record<keyof AuditRecord, string>>

const FIELDS = Object.entries(COLUMN_OF) as ReadonlyArray<readonly [keyof AuditRecord, string]>

/**
 * A record as its line in an insert into `calls_settled` (JSONEachRow); what is null is left out.
 * `evidence` is what it was folded of.
 */
export function settledLine(
  org: string,
  record: AuditRecord,
  evidence: readonly Evidence[],
): string {
  const row: Record<string, unknown> = { org, version: String(foldVersion(evidence)) }
  for (const [field, column] of FIELDS) {
    const value = record[field]
    if (value !== null) row[column] = value
  }
  row.created_at = clickHouseTime(record.createdAt)
  if (record.completedAt !== null) row.completed_at = clickHouseTime(record.completedAt)
  return jsonLine(row)
}

/** `YYYY-MM-DD HH:MM:SS.mmm`, which is read without best-effort parsing. */
function clickHouseTime(iso: string): string {
  return iso.slice(0, -1).replace('T', ' ')
}
