import type { AccessLogCounters } from '../delivery/access-log-tail.ts'
import type { ConnectionDeliveryCounters } from '../delivery/connection-delivery.ts'
import type { ContentCounters } from '../delivery/content-delivery.ts'
import type { LetterCounters } from '../delivery/dead-letters.ts'
import type { Delivery, DeliveryCounters } from '../delivery/delivery.ts'
import type { QuarantineCounters } from '../delivery/quarantine.ts'
import type { RecordCounters } from '../delivery/record-writer.ts'
import type { RetentionCounters } from '../delivery/retention.ts'
import { counter, type Definitions, gauge, type Metric, metricsOf, state } from './metric.ts'

const DELIVERY: Definitions<DeliveryCounters> = {
  batches: counter('flint_delivery_batches_total', 'Batches that ClickHouse took.'),
  rows: counter('flint_delivery_rows_total', 'Rows of evidence that ClickHouse took.'),
  retries: counter('flint_delivery_retries_total', 'Inserts that failed and are tried again.'),
  passesFailed: counter(
    'flint_delivery_passes_failed_total',
    'Rounds that ended by a fault of the disk or of the process; tried again.',
  ),
}
const RECORDS: Definitions<RecordCounters> = {
  folded: counter(
    'flint_records_folded_total',
    'Records written from evidence that came together.',
  ),
  settled: counter(
    'flint_records_settled_total',
    'Calls whose evidence came apart, and which the store folded.',
  ),
  left: counter(
    'flint_records_left_total',
    'Calls left to the pass that runs every minute, because they could not be written at once.',
  ),
}
export const QUARANTINE: Definitions<QuarantineCounters> = {
  deadLetters: counter(
    'flint_delivery_dead_letters_total',
    'Rows that ClickHouse refused for what they hold; each left a dead letter.',
  ),
  deadLettersWithoutRecord: counter(
    'flint_delivery_dead_letters_without_record_total',
    'Of the refused rows, those of which no record can say anything.',
  ),
  quarantineBytes: state(
    'flint_delivery_quarantine_bytes',
    'Bytes of rows that wait to be separated from a refused one.',
  ),
  quarantineRowsStored: counter(
    'flint_delivery_quarantine_rows_stored_total',
    'Rows that stood beside a refused one and were stored.',
  ),
}
export const LETTERS: Definitions<LetterCounters> = {
  lettersKept: state('flint_delivery_letters_kept', 'Dead letters on disk now.'),
  letterBytes: state('flint_delivery_letter_bytes', 'Bytes that dead letters take on disk now.'),
  lettersDropped: counter(
    'flint_delivery_letters_dropped_total',
    'Dead letters removed early because an organisation had too many.',
  ),
}
export const ACCESS_LOG: Definitions<AccessLogCounters> = {
  lines: counter('flint_access_log_lines_total', "Lines read of Envoy's JSON access log."),
  onlyInLog: counter(
    'flint_access_log_closings_total',
    'Calls whose end only the JSON access log reported: the gRPC log missed them.',
  ),
  unreadableLines: counter(
    'flint_access_log_unreadable_lines_total',
    'Lines that could not be read.',
  ),
  withoutRecord: counter(
    'flint_access_log_without_record_total',
    'Calls that reached a provider without passing a gate.',
  ),
  refusedWithoutRecord: counter(
    'flint_access_log_refused_without_record_total',
    'Calls that were not forwarded and have no record: no valid Flint key, or no gate.',
  ),
  forged: counter(
    'flint_access_log_forged_total',
    'Lines whose metadata no gate wrote: somebody else writes it, or the metadata secret is not the same everywhere.',
  ),
}
const CONTENT: Definitions<ContentCounters> = {
  stored: counter(
    'flint_content_stored_total',
    'Prompts and attachments put into the content store.',
  ),
  dropped: counter(
    'flint_content_dropped_total',
    'Prompts erased or expired before they were stored.',
  ),
  unreadableLines: counter(
    'flint_content_unreadable_lines_total',
    'Lines of the content spool that could not be read.',
  ),
  backlogBytes: state('flint_content_backlog_bytes', 'Bytes of prompts that wait on disk.'),
  waiting: state('flint_content_waiting', '1 while the content store does not take what waits.'),
}
const CONNECTIONS: Definitions<ConnectionDeliveryCounters> = {
  stored: counter(
    'flint_connections_segments_stored_total',
    'Segments of connections that nothing could read, which ClickHouse took.',
  ),
  refused: counter(
    'flint_connections_segments_refused_total',
    'Segments of such connections that ClickHouse refused for what they hold, and that are given up.',
  ),
}
const RETENTION: Definitions<RetentionCounters> = {
  objectsDeleted: counter(
    'flint_retention_objects_deleted_total',
    'Objects of expired calls deleted from the content store.',
  ),
  lastRunAtSeconds: state(
    'flint_retention_last_run_timestamp_seconds',
    'When the last pass over all organisations ended well, seconds since the epoch; 0 before the first.',
  ),
}

export const BACKLOG_BYTES = 'flint_delivery_backlog_bytes'

export interface DeliveryNumbers {
  readonly counters: DeliveryCounters
  readonly delivery: Pick<Delivery, 'backlog' | 'breaker'>
  readonly records: RecordCounters
  readonly quarantine: QuarantineCounters
  readonly letters: LetterCounters
  readonly accessLog: AccessLogCounters
  readonly content: ContentCounters
  readonly connections: ConnectionDeliveryCounters
  readonly retention: RetentionCounters
}

export function deliveryMetrics({
  counters,
  delivery,
  records,
  quarantine,
  letters,
  accessLog,
  content,
  connections,
  retention,
}: DeliveryNumbers): Metric[] {
  const { backlog, breaker } = delivery
  return [
    ...metricsOf(DELIVERY, counters),
    gauge(
      BACKLOG_BYTES,
      'Bytes of evidence that wait on disk for ClickHouse.',
      () => backlog().bytes,
    ),
    gauge(
      'flint_delivery_oldest_segment_timestamp_seconds',
      'When the oldest evidence that waits was written, seconds since the epoch; 0 when none waits.',
      () => (backlog().oldestAtMs ?? 0) / 1_000,
    ),
    gauge(
      'flint_delivery_held_back',
      '1 while ClickHouse takes nothing and only the oldest batch is tried.',
      () => {
        return breaker.isOpen() ? 1 : 0
      },
    ),
    ...metricsOf(RECORDS, records),
    ...metricsOf(QUARANTINE, quarantine),
    ...metricsOf(LETTERS, letters),
    ...metricsOf(ACCESS_LOG, accessLog),
    ...metricsOf(CONTENT, content),
    ...metricsOf(CONNECTIONS, connections),
    ...metricsOf(RETENTION, retention),
  ]
}
