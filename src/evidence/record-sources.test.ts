import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Evidence } from './evidence.ts'
import { type AuditRecord, foldRecord } from './record.ts'
import { type EvidenceRow, recordSources } from './record-sources.ts'
import {
  sampleAccessLogRow,
  sampleClosing,
  sampleDeferred,
  sampleIntent,
  sampleObservation,
  samplePricing,
  sampleReport,
} from './sample-evidence.ts'

const CALL = { org: 'org_1', createdAtMs: Date.UTC(2026, 0, 1) }
const MAKERS: readonly ((call: typeof CALL) => Evidence)[] = [
  sampleIntent,
  sampleObservation,
  sampleReport,
  sampleDeferred,
  sampleClosing,
  sampleAccessLogRow,
  samplePricing,
]
/** Computed, or not a column of its own. */
const COMPUTED: readonly (keyof AuditRecord)[] = ['outcome', 'source', 'createdAt', 'completedAt']
/** What the record's names are called in the table. */
const COLUMNS: Readonly<Partial<Record<keyof AuditRecord, string>>> = {
  requestId: 'record_id',
  captureGap: 'gap',
  promptCapture: 'capture',
  promptS3Key: 'content_key',
}
const columnOf = (field: keyof AuditRecord) =>
  COLUMNS[field] ?? field.replace(/[A-Z]|5m|1h/g, (part) => `_${part.toLowerCase()}`)
const fieldsOf = (record: AuditRecord) => Object.keys(record) as (keyof AuditRecord)[]

const KEPT = ['org', 'created_at', 'record_id', 'kind', 'version', 'tags', 'gap', 'response_flags']
const NEVER_NULL = ['usage_source', 'provider']

/** Rows in which each column is either missing or says which row it is of. */
const evidence = fc
  .array(
    fc.record({
      maker: fc.constantFrom(...MAKERS),
      version: fc.integer({ min: 1, max: 9 }),
      kept: fc.func(fc.boolean()),
      usage: fc.constantFrom('provider', 'estimated', 'none'),
      credential: fc.constantFrom('subscription', 'api_key', null),
    }),
    { maxLength: 8 },
  )
  .map((made) =>
    made.map(({ maker, version, kept, usage, credential }, index) => {
      const row: Record<string, unknown> = { ...maker(CALL), version: version * 100 + index }
      for (const [column, value] of Object.entries(row)) {
        if (KEPT.includes(column)) continue
        if (typeof value === 'string') row[column] = `${row.kind}-${index}`
        if (typeof value === 'number') row[column] = index * 1_000
        if (!kept(column) && !NEVER_NULL.includes(column)) row[column] = null
      }
      if ('usage_source' in row) row.usage_source = usage
      if ('credential' in row) row.credential = credential
      if ('tags' in row) row.tags = { of: `${row.kind}-${index}` }
      return JSON.parse(JSON.stringify(row)) as Evidence
    }),
  )

test('each field of a record has the value of the row that it is said to come from', () => {
  let compared = 0
  fc.assert(
    fc.property(evidence, (rows) => {
      const record = foldRecord(rows, Date.now())
      if (record === null) return
      const asRows = rows.map((row): EvidenceRow => ({ ...row }))
      const sources = recordSources(asRows)
      for (const field of fieldsOf(record)) {
        if (COMPUTED.includes(field)) continue
        const kind = sources[field]
        const value = record[field]
        if (kind === null) {
          expect([null, 'none'], field).toContainEqual(
            field === 'tags' && Object.keys(record.tags).length === 0 ? null : value,
          )
          continue
        }
        compared += 1
        if (['costStatus', 'costReason'].includes(field) && kind === 'intent') {
          expect(record).toMatchObject({ costStatus: 'estimated', costReason: 'subscription' })
          continue
        }
        const newest = asRows
          .filter((row) => row.kind === kind)
          .toSorted((one, other) => other.version - one.version)[0]
        // A gap that made no difference is not shown.
        if (field === 'captureGap' && value === null) continue
        expect(newest?.[columnOf(field)], field).toEqual(value)
      }
    }),
    { numRuns: 300 },
  )
  expect(compared).toBeGreaterThan(1_000)
})
