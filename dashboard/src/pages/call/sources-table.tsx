import type { AuditRecord, Evidence } from '../../api/answers.ts'
import { VisibleText } from '../../parts/visible-text.tsx'
import { UNKNOWN } from '../../state/numbers.ts'
import { markOf, SourceMark } from './marks.tsx'
import { whyUnknown } from './reasons.ts'
import { sourced } from './sources.ts'

/** Where each number came from, and what the other rows have in its place. */
export function SourcesTable({ record, evidence }: { record: AuditRecord; evidence: Evidence }) {
  const kinds = new Set(evidence.rows.map(({ kind }) => kind))
  return (
    <table class="table plain sources">
      <caption class="visually-hidden">Where each number of this call came from</caption>
      <thead>
        <tr>
          <th scope="col">Number</th>
          <th scope="col">Value</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {sourced(record, evidence).map(({ label, field, value, from, says, others }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{value === null ? UNKNOWN : <VisibleText text={value} />}</td>
            <td class="muted">
              {from !== null && (
                <>
                  <SourceMark kind={from} /> <VisibleText text={says} />
                </>
              )}
              {value === null && whyUnknown(field, record, kinds)}
              {others.map((other) => (
                <span key={other.kind} class="other">
                  ; {markOf(other.kind).name} has <VisibleText text={other.value} />
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
