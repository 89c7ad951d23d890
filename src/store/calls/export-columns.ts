import type { CallRecord } from './call-row.ts'

export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** How a column of the view `calls` is written. */
type Kind = 'id' | 'text' | 'value' | 'time' | 'map'

type Field = keyof CallRecord | 'expiresAt'

/** Every field of the API's record, in its order: the compiler refuses one too few. */
const FIELDS: Readonly<Record<Field, readonly [column: string, kind: Kind]>> = {
  requestId: ['record_id', 'id'],
  provider: ['provider', 'text'],
  model: ['model', 'text'],
  requestModel: ['request_model', 'text'],
  endpoint: ['endpoint', 'text'],
  method: ['method', 'text'],
  status: ['status', 'value'],
  outcome: ['outcome', 'text'],
  source: ['source', 'text'],
  parentId: ['parent_id', 'text'],
  stream: ['stream', 'value'],
  usageSource: ['usage_source', 'text'],
  inputTokens: ['input_tokens', 'value'],
  outputTokens: ['output_tokens', 'value'],
  totalTokens: ['total_tokens', 'value'],
  cachedInputTokens: ['cached_input_tokens', 'value'],
  cacheWriteTokens: ['cache_write_tokens', 'value'],
  cacheWrite5mTokens: ['cache_write_5m_tokens', 'value'],
  cacheWrite1hTokens: ['cache_write_1h_tokens', 'value'],
  reasoningTokens: ['reasoning_tokens', 'value'],
  audioInputTokens: ['audio_input_tokens', 'value'],
  audioOutputTokens: ['audio_output_tokens', 'value'],
  costUsd: ['cost_usd', 'value'],
  costStatus: ['cost_status', 'text'],
  priceVersion: ['price_version', 'text'],
  costReason: ['cost_reason', 'text'],
  billable: ['billable', 'value'],
  usageRaw: ['usage_raw', 'text'],
  turns: ['turns', 'value'],
  parserVersion: ['parser_version', 'text'],
  latencyMs: ['latency_ms', 'value'],
  timeToFirstByteMs: ['time_to_first_byte_ms', 'value'],
  requestBytes: ['request_bytes', 'value'],
  responseBytes: ['response_bytes', 'value'],
  finishReason: ['finish_reason', 'text'],
  providerRequestId: ['provider_request_id', 'text'],
  responseId: ['response_id', 'text'],
  serviceTier: ['service_tier', 'text'],
  streamError: ['stream_error', 'text'],
  errorCode: ['error_code', 'text'],
  captureGap: ['capture_gap', 'text'],
  keyId: ['key_id', 'text'],
  keyHint: ['key_hint', 'text'],
  credential: ['credential', 'text'],
  promptCapture: ['prompt_capture', 'value'],
  promptPreview: ['prompt_preview', 'text'],
  lastUserPreview: ['last_user_preview', 'text'],
  promptHash: ['prompt_hash', 'text'],
  completionPreview: ['completion_preview', 'text'],
  promptS3Key: ['content_key', 'text'],
  contentGap: ['content_gap', 'text'],
  claimedRequestId: ['claimed_request_id', 'text'],
  callerRequestId: ['caller_request_id', 'text'],
  sessionId: ['session_id', 'text'],
  traceId: ['trace_id', 'text'],
  userAgent: ['user_agent', 'text'],
  retryCount: ['retry_count', 'value'],
  tags: ['tags', 'map'],
  createdAt: ['created_at', 'time'],
  completedAt: ['completed_at', 'time'],
  expiresAt: ['expires_at', 'time'],
  ingestedAt: ['ingested_at', 'time'],
}

/** What only a key with the scope `prompts` may see; null in every other export. */
const OF_PROMPTS: readonly Field[] = [
  'promptPreview',
  'lastUserPreview',
  'promptHash',
  'completionPreview',
]

/** Whether a row has anything that only the scope `prompts` opens. */
export const HAS_PROMPT_TEXT = OF_PROMPTS.map((field) => `${FIELDS[field][0]} IS NOT NULL`).join(
  ' OR ',
)

/** The select list of an export of the view `calls`: one column per field of the API's record. */
export function exportColumns(format: ExportFormat, withPrompts: boolean): string {
  return Object.entries(FIELDS)
    .map(([field, [column, kind]]) => {
      const isHidden = !withPrompts && OF_PROMPTS.some((hidden) => hidden === field)
      // Of the column's own type, so that files with and without prompts have one schema.
      const value = isHidden ? `if(true, NULL, ${column})` : WRITTEN[kind](column, format)
      return `${value} AS ${field}`
    })
    .join(', ')
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
const FORMULA = `'^[=+@\\\\t\\\\r-]'`

const WRITTEN: Readonly<Record<Kind, (column: string, format: ExportFormat) => string>> = {
  id: (column) => `toString(${column})`,
  text: (column, format) =>
    format === 'csv'
      ? `if(match(ifNull(${column}, ''), ${FORMULA}), concat('\\'', ${column}), ${column})`
      : column,
  value: (column) => column,
  // Parquet has a type for times; text has the API's.
  time: (column, format) =>
    format === 'parquet' ? column : `concat(replaceOne(toString(${column}), ' ', 'T'), 'Z')`,
  map: (column, format) => (format === 'csv' ? `toJSONString(${column})` : column),
}
