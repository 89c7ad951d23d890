import type { AuditRecord, Evidence } from '../../api/answers.ts'
import { VisibleText } from '../../parts/visible-text.tsx'
import { UNKNOWN } from '../../state/numbers.ts'
import { SourceMark } from './marks.tsx'
import { whyUnknown } from './reasons.ts'

/** Every field of the record by its name in the API, each with whose row it was taken from. */
export function FieldsTable({ record, evidence }: { record: AuditRecord; evidence: Evidence }) {
  const kinds = new Set(evidence.rows.map(({ kind }) => kind))
  const fields = Object.entries(record) as [keyof AuditRecord, unknown][]
  return (
    <table class="table plain fields">
      <caption class="visually-hidden">All fields of the record</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">From</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(([field, value]) => {
          const from = evidence.from[field] ?? null
          return (
            <tr key={field}>
              <th scope="row" class="id">
                {field}
              </th>
              <td>{from !== null && <SourceMark kind={from} />}</td>
              <td>
                {value === null ? (
                  <span class="muted">
                    {UNKNOWN} {whyUnknown(field, record, kinds)}
                  </span>
                ) : (
                  <VisibleText text={typeof value === 'string' ? value : JSON.stringify(value)} />
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
