import { CALL_COLUMNS, type CallRecord, toCallRecord } from './call-row.ts'

const KNOWN: Readonly<Record<string, unknown>> = {
  created_at: '2026-05-01 12:00:00.000',
  ingested_at: '2026-05-01 12:00:01.000',
  record_id: '01969bac-e328-7a51-9f0e-2f1c6f3f8a11',
  provider: 'openai',
  outcome: 'complete',
  source: 'proxy',
  usage_source: 'none',
  tags: {},
}

/** For tests: a record of which little is known, but for the fields given. */
export function sampleRecord(fields: Partial<CallRecord> = {}): CallRecord {
  const unknown = Object.fromEntries(CALL_COLUMNS.map((column) => [column, null]))
  return { ...toCallRecord({ ...unknown, ...KNOWN }), ...fields }
}
