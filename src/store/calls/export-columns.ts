import type { CallRecord } from './call-row.ts'
import { COLUMN_OF } from './settled-line.ts'

export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** How a column of the view `calls` is written. */
type Kind = 'id' | 'text' | 'value' | 'time' | 'map'

type Field = keyof CallRecord | 'expiresAt'

/** Every field of the API's record, in its order: the compiler refuses one too few. */
const KINDS: Readonly<Record<Field, Kind>> = {
  requestId: 'id',
  provider: 'text',
  model: 'text',
  requestModel: 'text',
  endpoint: 'text',
  method: 'text',
  status: 'value',
  outcome: 'text',
  source: 'text',
  parentId: 'text',
  stream: 'value',
  usageSource: 'text',
  inputTokens: 'value',
  outputTokens: 'value',
  totalTokens: 'value',
  cachedInputTokens: 'value',
  cacheWriteTokens: 'value',
  cacheWrite5mTokens: 'value',
  cacheWrite1hTokens: 'value',
  reasoningTokens: 'value',
  audioInputTokens: 'value',
  audioOutputTokens: 'value',
  costUsd: 'value',
  costStatus: 'text',
  priceVersion: 'text',
  costReason: 'text',
  billable: 'value',
  usageRaw: 'text',
  turns: 'value',
  parserVersion: 'text',
  latencyMs: 'value',
  timeToFirstByteMs: 'value',
  requestBytes: 'value',
  responseBytes: 'value',
  finishReason: 'text',
  providerRequestId: 'text',
  responseId: 'text',
  serviceTier: 'text',
  streamError: 'text',
  errorCode: 'text',
  captureGap: 'text',
  keyId: 'text',
  keyHint: 'text',
  credential: 'text',
  workload: 'text',
  namespace: 'text',
  serviceAccount: 'text',
  cluster: 'text',
  identityBasis: 'text',
  promptCapture: 'value',
  promptPreview: 'text',
  lastUserPreview: 'text',
  promptHash: 'text',
  completionPreview: 'text',
  promptS3Key: 'text',
  contentGap: 'text',
  claimedRequestId: 'text',
  callerRequestId: 'text',
  sessionId: 'text',
  traceId: 'text',
  userAgent: 'text',
  retryCount: 'value',
  tags: 'map',
  createdAt: 'time',
  completedAt: 'time',
  expiresAt: 'time',
  ingestedAt: 'time',
}

const COLUMNS: Readonly<Record<Field, string>> = {
  ...COLUMN_OF,
  expiresAt: 'expires_at',
  ingestedAt: 'ingested_at',
}
const isField = (name: string): name is Field => Object.hasOwn(KINDS, name)
const FIELDS = Object.keys(KINDS).filter(isField)

/** What only a key with the scope `prompts` may see; null in every other export. */
const OF_PROMPTS: readonly Field[] = [
  'promptPreview',
  'lastUserPreview',
  'promptHash',
  'completionPreview',
]

/** The same as columns of the view `calls`. */
export const PROMPT_COLUMNS: readonly string[] = OF_PROMPTS.map((field) => COLUMNS[field])

/** Whether a row has anything that only the scope `prompts` opens. */
export const HAS_PROMPT_TEXT = PROMPT_COLUMNS.map((column) => `${column} IS NOT NULL`).join(' OR ')

/** A time zone: as clocks are set, and as the head of a file calls it. */
export interface NamedZone {
  /** As ClickHouse knows it. */
  readonly zone: string
  /** As it was asked for: letters, digits and `_+-/` alone. */
  readonly label: string
}

/** The parameter of a statement that has the zone of its times. */
export const TIME_ZONE = 'time_zone'

/**
 * The select list of an export of the view `calls`: a column for each of the fields, in their order;
 * left out: for every field of the API's record. With `zone` the times of a CSV are those of its
 * clocks, and their columns name it; other formats have instants.
 */
export function exportColumns(
  format: ExportFormat,
  withPrompts: boolean,
  fields?: readonly string[],
  zone?: NamedZone,
): string {
  return (fields?.filter(isField) ?? FIELDS)
    .map((field) => {
      const column = COLUMNS[field]
      const isHidden = !withPrompts && OF_PROMPTS.includes(field)
      // Of the column's own type, so that files with and without prompts have one schema.
      const value = isHidden ? `if(true, NULL, ${column})` : WRITTEN[KINDS[field]](column, format)
      if (zone === undefined || format !== 'csv' || KINDS[field] !== 'time')
        return `${value} AS ${field}`
      const clocks = zone.zone === 'UTC' ? value : inZone(column)
      return `${clocks} AS \`${field} (${zone.label})\``
    })
    .join(', ')
}

/** `2026-05-04T16:22:01.123+02:00` */
function inZone(column: string): string {
  const zone = `{${TIME_ZONE}:String}`
  const offset = `replaceRegexpOne(formatDateTime(${column}, '%z', ${zone}), '(..)$', ':\\\\1')`
  return `concat(replaceOne(toString(${column}, ${zone}), ' ', 'T'), ${offset})`
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
