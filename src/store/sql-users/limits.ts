/** One setting of a user's profile. */
interface Setting {
  readonly name: string
  /** Null: the server's. */
  readonly value: number | string | null
  /**
   * What a client may do with it: `lower` it (never below 1: 0 is no limit), set it to `anything`,
   * or nothing.
   */
  readonly client: 'lower' | 'anything' | 'nothing'
}

export interface Limits {
  /** Of each hour. */
  readonly quota: Readonly<Record<string, number>>
  readonly settings: readonly Setting[]
}

const lower = (name: string, value: number): Setting => ({ name, value, client: 'lower' })
const fixed = (name: string, value: number | string): Setting => ({
  name,
  value,
  client: 'nothing',
})
const free = (name: string): Setting => ({ name, value: null, client: 'anything' })

/**
 * `readonly = 1` refuses every setting that is not named here. Some would take filters into the
 * views and read there with the definer's rights (`additional_table_filters`), others undo limits
 * (`max_untracked_memory`) or the order of conditions (`enable_analyzer`); new ones come with each
 * ClickHouse. Free are those that BI tools send with their queries.
 */
export const DEFAULT_LIMITS: Limits = {
  quota: {
    queries: 10_000,
    errors: 2_000,
    result_rows: 100_000_000,
    read_rows: 100_000_000_000,
    execution_time: 7_200,
  },
  settings: [
    fixed('readonly', 1),
    lower('max_execution_time', 60),
    lower('max_memory_usage', 2_000_000_000),
    lower('max_rows_to_read', 2_000_000_000),
    lower('max_bytes_to_read', 200_000_000_000),
    lower('max_result_rows', 10_000_000),
    lower('max_result_bytes', 10_000_000_000),
    fixed('max_threads', 4),
    fixed('max_memory_usage_for_user', 4_000_000_000),
    fixed('max_concurrent_queries_for_user', 8),
    // A sum over part of the rows would look like one over all.
    fixed('timeout_overflow_mode', 'throw'),
    fixed('read_overflow_mode', 'throw'),
    fixed('log_queries', 1),
    free('result_overflow_mode'),
    free('session_timezone'),
    free('date_time_input_format'),
    free('date_time_output_format'),
    free('output_format_json_quote_64bit_integers'),
    free('output_format_json_quote_decimals'),
    free('enable_http_compression'),
    free('http_zlib_compression_level'),
    free('send_progress_in_http_headers'),
    free('http_headers_progress_interval_ms'),
    free('cancel_http_readonly_queries_on_client_close'),
    free('log_comment'),
  ],
}
