import { createHash } from 'node:crypto'
import type { ACCESS_LOG_KINDS, EvidenceKind } from '../evidence/evidence.ts'
import { isProviderName } from '../evidence/provider-name.ts'
import { createdAtMs, timestampText } from '../evidence/record-id.ts'

/** A line of the spool, as far as it can be read. */
export interface ReadRow {
  /**
   * Of the organisation that the row names; `UNKNOWN_ORG` where it names none that could be one.
   */
  readonly org: string
  /**
   * The row where it is an object with the key of a call; else null: then no record can say
   * anything of it.
   */
  readonly row: KeyedRow | null
}

/** Names no one's organisation: their ids begin with `org_`. */
const UNKNOWN_ORG = 'unknown'

interface KeyedRow {
  readonly org: string
  readonly record_id: string
  readonly kind: EvidenceKind
  readonly version: number
  readonly provider: string
  readonly writer: string
  readonly columns: Readonly<Record<string, unknown>>
}

type EarlierKind = (typeof ACCESS_LOG_KINDS)[1]
/** Lines of earlier builds have today's kind by then (spool/evidence-lines.ts). */
const KINDS: Readonly<Record<Exclude<EvidenceKind, EarlierKind>, true>> = {
  intent: true,
  observation: true,
  closing: true,
  access_log: true,
  report: true,
  content: true,
  erasure: true,
  pricing: true,
  deferred: true,
  run_ended: true,
  sighting: true,
}
const ORG = /^[\w-]{1,64}$/
const RECORD_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** Text that means the same in every encoding, escaping and language. */
const PLAIN_NAME = /^[\w.:@/-]{1,256}$/
const DECIMAL = /^\d{1,20}(\.\d{1,12})?$/

export function readRow(line: Buffer): ReadRow {
  const columns = objectOf(line)
  if (columns === null) return { org: UNKNOWN_ORG, row: null }
  const { org, record_id, kind, version, provider, writer } = columns
  if (typeof org !== 'string' || !ORG.test(org)) return { org: UNKNOWN_ORG, row: null }
  const isKeyed =
    typeof record_id === 'string' &&
    RECORD_ID.test(record_id) &&
    isKind(kind) &&
    isCount(version, Number.MAX_SAFE_INTEGER) &&
    isProviderName(provider) &&
    typeof writer === 'string'
  if (!isKeyed) return { org, row: null }
  return {
    org,
    row: { org, record_id, kind, version, provider, writer, columns },
  }
}

/** What names a refused row: the same row has the same name whenever it is refused. */
export function refusedRowId(line: Buffer, row: KeyedRow | null): string {
  if (row === null)
    return `unreadable.${createHash('sha256').update(line).digest('hex').slice(0, 24)}`
  return `${row.record_id}.${row.kind}.${row.version}`
}

/**
 * A row of the same kind with all that is surely what its column takes: numbers, flags, plain names
 * and tags. It is one microsecond older than the row it stands for, which therefore wins should it
 * be taken later.
 */
export function substituteFor(row: KeyedRow): object {
  const kept = Object.entries(row.columns).filter(([column, value]) => isSurelyTaken(column, value))
  return { ...Object.fromEntries(kept), ...bareKeyOf(row) }
}

/** Nothing but whose statement about which call it was, and that it was refused. */
export function bareSubstituteFor(row: KeyedRow): object {
  // The last row of a call, so that there is a record.
  return { ...bareKeyOf(row), ...(SAYS_FINAL.has(row.kind) ? { final: true } : {}) }
}

function bareKeyOf(row: KeyedRow) {
  return {
    org: row.org,
    created_at: timestampText(createdAtMs(row.record_id)),
    record_id: row.record_id,
    kind: row.kind,
    version: Math.max(0, row.version - 1),
    writer: PLAIN_NAME.test(row.writer) ? row.writer : 'unknown',
    provider: row.provider,
    gap: 'row_refused',
  }
}

const SAYS_FINAL: ReadonlySet<EvidenceKind> = new Set(['observation', 'report', 'deferred'])
const MAX_COUNTS: Readonly<Record<string, number>> = {
  status: 0xffff,
  retry_count: 0xffff_ffff,
  ...Object.fromEntries(
    [
      ...[
        'input_tokens',
        'output_tokens',
        'total_tokens',
        'cached_input_tokens',
        'cache_write_tokens',
        'cache_write_5m_tokens',
      ],
      ...['cache_write_1h_tokens', 'reasoning_tokens', 'audio_input_tokens', 'audio_output_tokens'],
      ...['request_bytes', 'response_bytes', 'latency_ms', 'time_to_first_byte_ms'],
      'answer_end_bytes',
      'turns',
    ].map((column) => [column, Number.MAX_SAFE_INTEGER]),
  ),
}
const FLAGS: ReadonlySet<string> = new Set([
  ...[
    'final',
    'stream',
    'billable',
    'deferred',
    'request_complete',
    'response_complete',
    'capture',
  ],
])
/** Previews and JSON texts are left out: what they hold may be what was refused. */
const NAMES: ReadonlySet<string> = new Set([
  ...[
    'method',
    'endpoint',
    'key_id',
    'key_hint',
    'error_code',
    'claimed_request_id',
    'caller_request_id',
    'session_id',
    'credential',
    'workload',
    'namespace',
    'service_account',
    'cluster',
    'identity_basis',
    'trace_id',
    'user_agent',
  ],
  ...[
    'model',
    'request_model',
    'provider_request_id',
    'finish_reason',
    'service_tier',
    'stream_error',
    'usage_source',
  ],
  ...[
    'parser_version',
    'cost_status',
    'price_version',
    'cost_reason',
    'response_id',
    'result_id',
    'parent_id',
  ],
  ...[
    'response_flags',
    'response_code_details',
    'prompt_hash',
    'content_key',
    'content_sha256',
    'content_gap',
    'envoy_run',
  ],
])

function isSurelyTaken(column: string, value: unknown): boolean {
  if (column in MAX_COUNTS) return isCount(value, MAX_COUNTS[column] ?? 0)
  if (FLAGS.has(column)) return typeof value === 'boolean'
  if (NAMES.has(column)) return typeof value === 'string' && PLAIN_NAME.test(value)
  if (column === 'cost_usd') return typeof value === 'string' && DECIMAL.test(value)
  // Erasure finds calls by their tags.
  if (column === 'tags')
    return isRecord(value) && Object.values(value).every((tag) => typeof tag === 'string')
  return false
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max
}

function isKind(value: unknown): value is EvidenceKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value)
}

function objectOf(line: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'))
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
