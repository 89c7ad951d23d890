import type { AuditRecord, Evidence } from '../../api/answers.ts'
import { CopyButton } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { time } from '../../state/times.ts'
import { type Difference, differences, type EvidenceRow } from './differences.ts'
import { markOf, SourceMark } from './marks.tsx'
import { captureGapSays } from './reasons.ts'

/** Which rows came, what each says, and where they do not agree. */
export function EvidenceList({
  record,
  evidence,
  timeZone,
}: {
  record: AuditRecord
  evidence: Evidence
  timeZone: string
}) {
  const kinds = new Set(evidence.rows.map(({ kind }) => kind))
  // Times differ between two clocks always; the table of sources has them.
  const found = differences(evidence.rows).filter(({ why }) => why !== 'measured')
  const rowsText = JSON.stringify(evidence.rows, null, 2)
  return (
    <>
      <ul class="evidence">
        {evidence.rows.map((row) => (
          <li key={`${row.kind} ${row.version}`}>
            <Row row={row} timeZone={timeZone} />
          </li>
        ))}
        {missing(record, kinds).map((text) => (
          <li key={text} class="missing">
            <span class="warn">
              <Icon name="eye-off" />
            </span>
            {text}
          </li>
        ))}
        {record.usageRaw !== null && record.usageRaw !== undefined && (
          <li>
            <details>
              <summary>
                <Icon name="chevron-right" /> Raw usage, as the provider reported it
              </summary>
              <Json text={JSON.stringify(record.usageRaw, null, 2)} what="raw usage" />
            </details>
          </li>
        )}
      </ul>
      <Differences found={found} />
      <CopyButton text={rowsText} what="rows">
        Copy all rows as JSON
      </CopyButton>
    </>
  )
}

function Row({ row, timeZone }: { row: EvidenceRow; timeZone: string }) {
  const { kind, writer, version, ingestedAt } = row
  const at = (ms: number) => time(ms, timeZone, 'ms')
  return (
    <details>
      <summary>
        <Icon name="chevron-right" />
        <SourceMark kind={kind} />
        <span class="name">
          {markOf(kind).name} <span class="id muted">{kind}</span>
        </span>
        <span class="when">
          written {at(version / 1000)}, stored {at(Date.parse(ingestedAt))}
        </span>
        <span class="id muted writer">{writer}</span>
      </summary>
      <Json text={JSON.stringify(row, null, 2)} what={`row of the ${markOf(kind).name}`} />
    </details>
  )
}

function Json({ text, what }: { text: string; what: string }) {
  return (
    <div class="json">
      <CopyButton text={text} what={what} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys as well. */}
      <pre tabIndex={0}>
        <VisibleText text={text} />
      </pre>
    </div>
  )
}

function missing({ outcome, captureGap, source }: AuditRecord, kinds: ReadonlySet<string>) {
  if (outcome === 'rejected' || (source !== 'proxy' && source !== 'mesh')) return []
  const texts: string[] = []
  const gap = captureGap === null ? '' : `: ${captureGapSays(captureGap)}`
  if (!kinds.has('observation')) texts.push(`No row of the observer came${gap}`)
  else if (captureGap !== null) texts.push(`The observer did not see all of the call${gap}`)
  if (!kinds.has('closing'))
    texts.push(
      kinds.has('access_log')
        ? 'Envoy’s stream had no row of this call; its log file had one'
        : 'Neither Envoy’s stream nor its log file had a row of this call',
    )
  return texts
}

const WHY: Readonly<Record<Difference['why'], string>> = {
  contradicts: 'they should agree',
  measured: 'each by its own clock',
  replaced: 'the later row stands over the earlier',
}

function Differences({ found }: { found: readonly Difference[] }) {
  if (found.length === 0) return <p class="note">Differences between the rows: none.</p>
  const { length } = found.filter(({ why }) => why === 'contradicts')
  return (
    <div class="differences">
      <p class={length > 0 ? 'warn' : 'note'}>
        {length > 0
          ? `The rows contradict each other in ${length} ${length === 1 ? 'field' : 'fields'}.`
          : 'The rows contradict each other nowhere.'}
      </p>
      <table class="table plain">
        <caption class="visually-hidden">What the rows do not agree on</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Side by side</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ column, values, why }) => (
            <tr key={column}>
              <th scope="row" class="id">
                {column}
              </th>
              <td>
                {values.map(({ kind, value }) => (
                  <span key={kind} class="side">
                    <SourceMark kind={kind} />{' '}
                    <VisibleText text={typeof value === 'string' ? value : JSON.stringify(value)} />
                  </span>
                ))}
              </td>
              <td class={why === 'contradicts' ? 'warn' : 'muted'}>{WHY[why]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
