/** Length of a quarter of an hour, the grain of `calls_quarter`. */
export const QUARTER_MS = 900_000

/** Start of the quarter of an hour in which a record of `calls_settled` was created. */
export const QUARTER_OF_RECORD = 'toStartOfFifteenMinutes(created_at)'

/** By what a summary can be grouped, and filtered without reading records: one table for both. */
interface Dimension {
  /** Column of `calls_quarter`, and the name that a filter's SQL uses. */
  readonly column: string
  /** The same of a record in `calls_settled`. */
  readonly ofRecord: string
}

const ofColumn = (column: string): Dimension => ({ column, ofRecord: column })

/** By the name that a query of the API uses. */
export const DIMENSIONS = {
  provider: ofColumn('provider'),
  model: ofColumn('model'),
  requestModel: ofColumn('request_model'),
  endpoint: ofColumn('endpoint'),
  outcome: ofColumn('outcome'),
  source: ofColumn('source'),
  status: ofColumn('status'),
  stream: ofColumn('stream'),
  billable: ofColumn('billable'),
  usageSource: ofColumn('usage_source'),
  costStatus: ofColumn('cost_status'),
  keyId: ofColumn('key_id'),
  credential: ofColumn('credential'),
  workload: ofColumn('workload'),
  namespace: ofColumn('namespace'),
  serviceAccount: ofColumn('service_account'),
  cluster: ofColumn('cluster'),
} as const satisfies Readonly<Record<string, Dimension>>
export type DimensionName = keyof typeof DIMENSIONS
export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as readonly DimensionName[]

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
