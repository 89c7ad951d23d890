import { currentCostReason } from '../../evidence/cost-reason-names.ts'
import type { CredentialKind } from '../../evidence/credential-kind.ts'
import type { IdentityBasis } from '../../evidence/identity-basis.ts'
import type { Outcome } from '../../evidence/outcome.ts'
import type { AuditRecord } from '../../evidence/record.ts'
import type { CostStatus, UsageSource } from '../../evidence/usage.ts'
import { COLUMN_OF } from './settled-line.ts'

/** An audit record as the store gives it. */
export interface CallRecord extends AuditRecord {
  /**
   * When its newest evidence reached the store: the cursor of exporters. ISO 8601, milliseconds,
   * UTC.
   */
  readonly ingestedAt: string
}

/** Columns of `calls_settled` and `calls_folded` that make a CallRecord. */
export const CALL_COLUMNS: readonly string[] = [...Object.values(COLUMN_OF), 'ingested_at']

type Row = Readonly<Record<string, unknown>>

/**
 * A row of CALL_COLUMNS as JSONEachRow gives it; a row of another shape is a fault of Flint and
 * throws.
 */
export function toCallRecord(row: Row): CallRecord {
  return {
    requestId: text(row, 'record_id'),
    provider: text(row, 'provider'),
    model: textOrNull(row, 'model'),
    requestModel: textOrNull(row, 'request_model'),
    endpoint: textOrNull(row, 'endpoint'),
    method: textOrNull(row, 'method'),
    status: numberOrNull(row, 'status'),
    outcome: member(row, 'outcome', OUTCOMES),
    source: member(row, 'source', SOURCES),
    parentId: textOrNull(row, 'parent_id'),
    stream: booleanOrNull(row, 'stream'),
    usageSource: member(row, 'usage_source', USAGE_SOURCES),
    inputTokens: numberOrNull(row, 'input_tokens'),
    outputTokens: numberOrNull(row, 'output_tokens'),
    totalTokens: numberOrNull(row, 'total_tokens'),
    cachedInputTokens: numberOrNull(row, 'cached_input_tokens'),
    cacheWriteTokens: numberOrNull(row, 'cache_write_tokens'),
    cacheWrite5mTokens: numberOrNull(row, 'cache_write_5m_tokens'),
    cacheWrite1hTokens: numberOrNull(row, 'cache_write_1h_tokens'),
    reasoningTokens: numberOrNull(row, 'reasoning_tokens'),
    audioInputTokens: numberOrNull(row, 'audio_input_tokens'),
    audioOutputTokens: numberOrNull(row, 'audio_output_tokens'),
    costUsd: textOrNull(row, 'cost_usd'),
    costStatus: row.cost_status === null ? null : member(row, 'cost_status', COST_STATUSES),
    priceVersion: textOrNull(row, 'price_version'),
    // Hours that an earlier build settled have its names.
    costReason: currentCostReason(textOrNull(row, 'cost_reason')),
    billable: booleanOrNull(row, 'billable'),
    usageRaw: textOrNull(row, 'usage_raw'),
    turns: numberOrNull(row, 'turns'),
    parserVersion: textOrNull(row, 'parser_version'),
    latencyMs: numberOrNull(row, 'latency_ms'),
    timeToFirstByteMs: numberOrNull(row, 'time_to_first_byte_ms'),
    requestBytes: numberOrNull(row, 'request_bytes'),
    responseBytes: numberOrNull(row, 'response_bytes'),
    finishReason: textOrNull(row, 'finish_reason'),
    providerRequestId: textOrNull(row, 'provider_request_id'),
    responseId: textOrNull(row, 'response_id'),
    serviceTier: textOrNull(row, 'service_tier'),
    streamError: textOrNull(row, 'stream_error'),
    errorCode: textOrNull(row, 'error_code'),
    captureGap: textOrNull(row, 'capture_gap'),
    keyId: textOrNull(row, 'key_id'),
    keyHint: textOrNull(row, 'key_hint'),
    credential: row.credential === null ? null : member(row, 'credential', CREDENTIALS),
    workload: textOrNull(row, 'workload'),
    namespace: textOrNull(row, 'namespace'),
    serviceAccount: textOrNull(row, 'service_account'),
    cluster: textOrNull(row, 'cluster'),
    identityBasis:
      row.identity_basis === null ? null : member(row, 'identity_basis', IDENTITY_BASIS),
    promptCapture: booleanOrNull(row, 'prompt_capture'),
    promptPreview: textOrNull(row, 'prompt_preview'),
    lastUserPreview: textOrNull(row, 'last_user_preview'),
    promptHash: textOrNull(row, 'prompt_hash'),
    completionPreview: textOrNull(row, 'completion_preview'),
    promptS3Key: textOrNull(row, 'content_key'),
    contentGap: textOrNull(row, 'content_gap'),
    claimedRequestId: textOrNull(row, 'claimed_request_id'),
    callerRequestId: textOrNull(row, 'caller_request_id'),
    sessionId: textOrNull(row, 'session_id'),
    traceId: textOrNull(row, 'trace_id'),
    userAgent: textOrNull(row, 'user_agent'),
    retryCount: numberOrNull(row, 'retry_count'),
    tags: textMap(row, 'tags'),
    createdAt: isoTime(text(row, 'created_at')),
    completedAt: row.completed_at === null ? null : isoTime(text(row, 'completed_at')),
    ingestedAt: isoTime(text(row, 'ingested_at')),
  }
}

/** `YYYY-MM-DD HH:MM:SS.mmm` of a UTC column. */
export function isoTime(clickHouseTime: string): string {
  return `${clickHouseTime.replace(' ', 'T')}Z`
}

const USAGE_SOURCES: Readonly<Record<UsageSource, true>> = {
  provider: true,
  estimated: true,
  partial: true,
  none: true,
}
const COST_STATUSES: Readonly<Record<CostStatus, true>> = {
  exact: true,
  estimated: true,
  unpriced: true,
}
const CREDENTIALS: Readonly<Record<CredentialKind, true>> = {
  api_key: true,
  oauth: true,
  subscription: true,
  signature: true,
}
const IDENTITY_BASIS: Readonly<Record<IdentityBasis, true>> = {
  peer_certificate: true,
  proxy_certificate: true,
  node_metadata: true,
  source_address: true,
  none: true,
}
const SOURCES: Readonly<Record<CallRecord['source'], true>> = {
  proxy: true,
  mesh: true,
  client: true,
  derived: true,
}

const OUTCOMES: Readonly<Record<Outcome, true>> = {
  complete: true,
  client_aborted: true,
  upstream_reset: true,
  upstream_timeout: true,
  upstream_error: true,
  rejected: true,
  capture_lost: true,
  unknown: true,
}

function member<T extends string>(row: Row, column: string, values: Readonly<Record<T, true>>): T {
  const value = row[column]
  const isMember = (candidate: unknown): candidate is T =>
    typeof candidate === 'string' && Object.hasOwn(values, candidate)
  return isMember(value) ? value : unexpected(column, value)
}

function text(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : unexpected(column, value)
}

function textOrNull(row: Row, column: string): string | null {
  const value = row[column]
  return value === null || typeof value === 'string' ? value : unexpected(column, value)
}

function numberOrNull(row: Row, column: string): number | null {
  const value = row[column]
  return value === null || typeof value === 'number' ? value : unexpected(column, value)
}

function booleanOrNull(row: Row, column: string): boolean | null {
  const value = row[column]
  return value === null || typeof value === 'boolean' ? value : unexpected(column, value)
}

function textMap(row: Row, column: string): Readonly<Record<string, string>> {
  const value = row[column]
  if (typeof value !== 'object' || value === null) return unexpected(column, value)
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, String(entry)]))
}

/** The type, not the value: errors end in logs. */
function unexpected(column: string, value: unknown): never {
  throw new Error(`column ${column} holds an unexpected ${value === null ? 'null' : typeof value}`)
}
