import type { Readable } from 'node:stream'
import type { ClickHouseSettings } from '@clickhouse/client'
import type { StoreClient } from '../client/client.ts'
import { allOf, type CallFilter, type Condition, filterCondition, time } from './call-filter.ts'
import {
  type ExportFormat,
  exportColumns,
  HAS_PROMPT_TEXT,
  type NamedZone,
  TIME_ZONE,
} from './export-columns.ts'
import { type ExportSlice, exportSlices } from './export-slices.ts'

export interface ExportQuery {
  readonly org: string
  readonly filter: CallFilter
  /**
   * Only what was ingested at this time or later; with `afterId`, only what comes after this record
   * in the order of the export: where a broken download goes on.
   */
  readonly ingestedFromMs?: number | undefined
  readonly afterId?: string | undefined
  readonly format: ExportFormat
  /** The columns of the file, in their order; left out: every field of a record. */
  readonly fields?: readonly string[] | undefined
  /** Of the times in a CSV; left out: UTC, which the head does not name. */
  readonly zone?: NamedZone | undefined
  /** With previews and hashes of prompts. */
  readonly withPrompts: boolean
  readonly signal?: AbortSignal | undefined
}

/** What an export has at the moment of counting. */
export interface ExportPlan {
  readonly rows: number
  /** Of these, rows with a preview or a hash of a prompt. */
  readonly rowsWithPrompts: number
  readonly slices: readonly ExportSlice[]
}

/** Exports of one organisation's records, in the order of (ingestedAt, requestId). */
export interface ExportQueries {
  /** Rejects with StoreError code 159 where counting takes longer than `maxCountSeconds`. */
  plan(query: ExportQuery): Promise<ExportPlan>
  /**
   * The file, as its reader takes it; throws a StoreError where the store fails, also after the
   * first byte.
   *
   * Records that arrive or change meanwhile follow at the end: none is missing, and one that had
   * been given out comes again as it is now.
   */
  read(query: ExportQuery, plan: ExportPlan): AsyncIterable<Buffer>
}

/** Rows that are sorted at a time: so a first byte never waits for all of them. */
const SLICE_ROWS = 100_000
/** More than this of a sort goes to the disk of ClickHouse. */
const SORT_BYTES = '268435456'

export function createExportQueries({
  client,
  maxCountSeconds,
  sliceRows = SLICE_ROWS,
}: {
  readonly client: Pick<StoreClient, 'stream'>
  /** 0: as long as it takes. */
  readonly maxCountSeconds: number
  readonly sliceRows?: number
}): ExportQueries {
  async function* read(query: ExportQuery, { slices }: ExportPlan): AsyncGenerator<Buffer> {
    let isFirst = true
    for (const slice of query.format === 'parquet' ? [WHOLE] : slices) {
      yield* await file(query, slice, isFirst)
      isFirst = false
    }
  }

  async function file(query: ExportQuery, slice: ExportSlice, isFirst: boolean): Promise<Readable> {
    const { format, withPrompts, fields, zone, signal } = query
    const condition = allOf([conditionOf(query), sliceCondition(slice)])
    return client.stream({
      tag: `export:${format}`,
      // The filter within: there `model` is the column, and not what the export makes of it.
      sql: `SELECT ${exportColumns(format, withPrompts, fields, zone)} FROM (SELECT * FROM calls WHERE ${condition.sql})
        ORDER BY ingested_at, record_id FORMAT ${formatName(format, isFirst)}`,
      params: { ...condition.params, ...(zone === undefined ? {} : { [TIME_ZONE]: zone.zone }) },
      settings: FILE_SETTINGS,
      ...(signal === undefined ? {} : { signal }),
    })
  }

  return {
    async plan(query) {
      const condition = conditionOf(query)
      const answer = await client.stream({
        tag: 'export:plan',
        sql: `SELECT toUnixTimestamp(toStartOfFiveMinutes(ingested_at)) * 1000 AS fromMs, count() AS rows,
            countIf(${HAS_PROMPT_TEXT}) AS rowsWithPrompts,
            toUnixTimestamp64Milli(max(ingested_at)) AS lastMs,
            toUnixTimestamp64Milli(min(created_at)) AS createdFromMs, toUnixTimestamp64Milli(max(created_at)) AS createdToMs
          FROM calls WHERE ${condition.sql} GROUP BY fromMs ORDER BY fromMs FORMAT JSONCompactEachRow`,
        params: condition.params,
        settings: { ...READING, max_execution_time: maxCountSeconds },
        ...(query.signal === undefined ? {} : { signal: query.signal }),
      })
      const buckets = (await linesOf(answer)).map(toBucket)
      const sum = (of: 'rows' | 'rowsWithPrompts') =>
        buckets.reduce((total, bucket) => total + bucket[of], 0)
      return {
        rows: sum('rows'),
        rowsWithPrompts: sum('rowsWithPrompts'),
        slices: exportSlices(buckets, sliceRows),
      }
    },
    read,
  }
}

const READING: ClickHouseSettings = { do_not_merge_across_partitions_select_final: 1 }
const FILE_SETTINGS: ClickHouseSettings = {
  ...READING,
  max_bytes_before_external_sort: SORT_BYTES,
  output_format_json_quote_decimals: 0,
  format_csv_null_representation: '',
  output_format_parquet_row_group_size: '100000',
  output_format_parquet_string_as_string: 1,
}
const WHOLE: ExportSlice = { fromMs: null, toMs: null, createdFromMs: null, createdToMs: null }

function formatName(format: ExportFormat, isFirst: boolean): string {
  if (format === 'csv') return isFirst ? 'CSVWithNames' : 'CSV'
  return format === 'ndjson' ? 'JSONEachRow' : 'Parquet'
}

function conditionOf({ org, filter, ingestedFromMs, afterId }: ExportQuery): Condition {
  const { fromMs, toMs } = filter
  return allOf([
    { sql: 'org = {org:String}', params: { org } },
    filterCondition(filter),
    ...timeCondition('created_at', 'from_ms', '>=', fromMs ?? null),
    ...timeCondition('created_at', 'to_ms', '<', toMs ?? null),
    ...timeCondition('ingested_at', 'ingested_from_ms', '>=', ingestedFromMs ?? null),
    ...(ingestedFromMs === undefined || afterId === undefined
      ? []
      : [
          {
            sql: `(ingested_at, record_id) > (${time('ingested_from_ms')}, {after_id:UUID})`,
            params: { ingested_from_ms: ingestedFromMs, after_id: afterId },
          },
        ]),
  ])
}

function sliceCondition({ fromMs, toMs, createdFromMs, createdToMs }: ExportSlice): Condition {
  return allOf([
    ...timeCondition('ingested_at', 'slice_from_ms', '>=', fromMs),
    ...timeCondition('ingested_at', 'slice_to_ms', '<', toMs),
    ...timeCondition('created_at', 'slice_created_from_ms', '>=', createdFromMs),
    ...timeCondition('created_at', 'slice_created_to_ms', '<=', createdToMs),
  ])
}

function timeCondition(
  column: string,
  parameter: string,
  operator: '<' | '<=' | '>=',
  ms: number | null,
): readonly Condition[] {
  return ms === null
    ? []
    : [{ sql: `${column} ${operator} ${time(parameter)}`, params: { [parameter]: ms } }]
}

async function linesOf(answer: Readable): Promise<readonly string[]> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part)
  return Buffer.concat(parts).toString().split('\n').slice(0, -1)
}

function toBucket(line: string) {
  const values: unknown = JSON.parse(line)
  const [fromMs, rows, rowsWithPrompts, lastMs, createdFromMs, createdToMs] = Array.isArray(values)
    ? values.map(Number)
    : []
  return {
    fromMs: fromMs ?? 0,
    rows: rows ?? 0,
    rowsWithPrompts: rowsWithPrompts ?? 0,
    lastMs: lastMs ?? 0,
    createdFromMs: createdFromMs ?? 0,
    createdToMs: createdToMs ?? 0,
  }
}
