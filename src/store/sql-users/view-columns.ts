import { PROMPT_COLUMNS } from '../calls/export-columns.ts'

/**
 * Columns of the view `calls` in its order. They are named so that a column of a later version is
 * not shown before someone decided that it may be.
 */
const CALL_COLUMNS = [
  ...['org', 'created_at', 'record_id', 'provider', 'model', 'request_model', 'endpoint', 'method'],
  ...['status', 'outcome', 'source', 'stream', 'usage_source', 'input_tokens', 'output_tokens'],
  ...['total_tokens', 'cached_input_tokens', 'cache_write_tokens', 'cache_write_5m_tokens'],
  ...['cache_write_1h_tokens', 'reasoning_tokens', 'audio_input_tokens', 'audio_output_tokens'],
  ...['cost_usd', 'cost_status', 'price_version', 'cost_reason', 'billable', 'usage_raw', 'turns'],
  ...['parser_version', 'latency_ms', 'time_to_first_byte_ms', 'request_bytes', 'response_bytes'],
  ...['finish_reason', 'provider_request_id', 'response_id', 'parent_id', 'service_tier'],
  ...['stream_error', 'error_code', 'capture_gap', 'prompt_capture', 'prompt_preview'],
  ...['last_user_preview', 'prompt_hash', 'completion_preview', 'content_key', 'content_gap'],
  ...['key_id', 'key_hint', 'workload', 'namespace', 'service_account', 'cluster'],
  ...['identity_basis', 'credential', 'claimed_request_id', 'caller_request_id', 'session_id'],
  ...['trace_id', 'user_agent', 'retry_count', 'tags', 'completed_at', 'ingested_at', 'expires_at'],
]

/** `withPrompts`: previews and hashes of prompts as well. */
export function callColumns(withPrompts: boolean): readonly string[] {
  return withPrompts
    ? CALL_COLUMNS
    : CALL_COLUMNS.filter((column) => !PROMPT_COLUMNS.includes(column))
}

/** All but `state`, which has the HMACs of keys. */
export const EVENT_COLUMNS: readonly string[] = [
  ...['subject_kind', 'org', 'at', 'id', 'actor', 'session_id', 'action'],
  ...['subject', 'reason', 'old', 'new'],
]
