/** Start of the quarter of an hour in which a record of `calls_settled` was created. */
export const QUARTER_OF_RECORD = 'toStartOfFifteenMinutes(created_at)'

/**
 * By what a summary can be grouped, and filtered without reading records: the name that a query of
 * the API uses, and the column in `calls_settled` and in the sums.
 */
export const DIMENSIONS = {
  provider: 'provider',
  model: 'model',
  requestModel: 'request_model',
  endpoint: 'endpoint',
  outcome: 'outcome',
  source: 'source',
  status: 'status',
  stream: 'stream',
  billable: 'billable',
  usageSource: 'usage_source',
  costStatus: 'cost_status',
  keyId: 'key_id',
  credential: 'credential',
  workload: 'workload',
  namespace: 'namespace',
  serviceAccount: 'service_account',
  cluster: 'cluster',
  identityBasis: 'identity_basis',
} as const
export type DimensionName = keyof typeof DIMENSIONS
export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as readonly DimensionName[]
type DimensionColumn = (typeof DIMENSIONS)[DimensionName]

/** Who called: of these there may be thousands in an hour, each a group of its own. */
const CALLER_COLUMNS: ReadonlySet<string> = new Set([
  'key_id',
  'credential',
  'workload',
  'namespace',
  'service_account',
  'cluster',
  'identity_basis',
] satisfies DimensionColumn[])

/** A table of sums over records, a row for each organisation and stretch of time. */
export interface Grain {
  readonly table: 'calls_quarter' | 'calls_hour'
  /** Its column with the begin of the stretch. */
  readonly begin: 'quarter' | 'hour'
  readonly lengthMs: number
  readonly dimensions: readonly DimensionColumn[]
}

const DIMENSION_COLUMNS = Object.values(DIMENSIONS)

export const QUARTER = {
  table: 'calls_quarter',
  begin: 'quarter',
  lengthMs: 900_000,
  dimensions: DIMENSION_COLUMNS,
} as const satisfies Grain

/** Without callers, so that a month is some ten thousand groups however many calls it has. */
export const HOUR = {
  table: 'calls_hour',
  begin: 'hour',
  lengthMs: 3_600_000,
  dimensions: DIMENSION_COLUMNS.filter((column) => !CALLER_COLUMNS.has(column)),
} as const satisfies Grain

/** Token numbers of a record, by the name that they have in a summary. */
export const TOKEN_COLUMNS = {
  input: 'input_tokens',
  output: 'output_tokens',
  total: 'total_tokens',
  cachedInput: 'cached_input_tokens',
  cacheWrite: 'cache_write_tokens',
  cacheWrite5m: 'cache_write_5m_tokens',
  cacheWrite1h: 'cache_write_1h_tokens',
  reasoning: 'reasoning_tokens',
  audioInput: 'audio_input_tokens',
  audioOutput: 'audio_output_tokens',
} as const
export type TokenName = keyof typeof TOKEN_COLUMNS
export const TOKEN_NAMES = Object.keys(TOKEN_COLUMNS) as readonly TokenName[]

/** Histogram columns and the times of a record that they count. */
export const HISTOGRAMS = {
  latency: { prefix: 'latency', ofRecord: 'latency_ms' },
  firstByte: { prefix: 'first_byte', ofRecord: 'time_to_first_byte_ms' },
} as const

/** The step of a histogram that a time belongs to: 5 % wide, so that its middle is off by 2.5 %. */
export function stepOf(milliseconds: string): string {
  return `toUInt16(floor(log(greatest(assumeNotNull(${milliseconds}), 1)) / log(1.05)))`
}

const STEPS = Object.values(HISTOGRAMS).map(({ prefix }) => prefix)

/** Columns of a group that are sums, beside its dimensions. */
export const SUM_COLUMNS = ['calls', ...Object.values(TOKEN_COLUMNS), 'cost_usd'] as const
/** Columns of a group that are histograms: pairs of lists. */
export const STEP_COLUMNS = STEPS.map((prefix) => ({
  steps: `${prefix}_steps`,
  calls: `${prefix}_calls`,
}))
