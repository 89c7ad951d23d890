import type { AuditRecord, Evidence } from '../../api/answers.ts'
import { bytes, duration } from '../../state/numbers.ts'
import { whyUnknown } from './reasons.ts'
import { stretches } from './timeline.ts'

/** Gate, waiting, answer, as long as each took. */
export function TimelineBar({
  record,
  evidence,
}: {
  record: AuditRecord
  evidence: Evidence | undefined
}) {
  const parts = stretches(record, evidence)
  const kinds = new Set(evidence?.rows.map(({ kind }) => kind))
  if (parts.length === 0)
    return (
      <p class="muted">How long it took is not known. {whyUnknown('latencyMs', record, kinds)}</p>
    )
  return (
    <figure class="timeline">
      <div class="bar" aria-hidden="true">
        {parts.map(({ name, ms }) => (
          <span key={name} class={name} style={{ flexGrow: ms }} />
        ))}
      </div>
      <figcaption>
        <ul>
          {parts.map(({ name, label, ms }) => (
            <li key={name}>
              <span class={`sample ${name}`} aria-hidden="true" />
              {label} <strong>{duration(ms)}</strong>
            </li>
          ))}
        </ul>
        <span class="end">
          <strong>{duration(record.latencyMs)}</strong> in all
          {record.responseBytes !== null && <> · the caller got {bytes(record.responseBytes)}</>}
        </span>
      </figcaption>
    </figure>
  )
}
