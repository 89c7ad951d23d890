import { useState } from 'preact/hooks'
import type { AuditEvent } from '../../api/answers.ts'
import { Icon } from '../../parts/icon.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { count } from '../../state/numbers.ts'
import { EventRow, Who } from './event-row.tsx'

/** The reads of one reader on one day in one row, which opens. */
export function ReadsRows({
  day,
  reads,
  names,
}: {
  day: string
  reads: readonly AuditEvent[]
  names: Readonly<Record<string, string>>
}) {
  const [isOpen, setOpen] = useState(false)
  const [newest] = reads
  if (newest === undefined) return null
  const calls = new Set(reads.map(({ subject }) => subject)).size
  const reasons = [...new Set(reads.flatMap(({ reason }) => (reason === null ? [] : [reason])))]
  const without = reads.filter(({ reason }) => reason === null).length
  return (
    <>
      <tr>
        <td>{day}</td>
        <td>
          <Who event={newest} />
        </td>
        <td>
          <button
            type="button"
            class="link opens"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
            read {count(reads.length)} prompts
          </button>
        </td>
        <td>{calls === 1 ? 'of one call' : `of ${count(calls)} calls`}</td>
        <td class="prose">
          <VisibleText text={reasons.join(' · ')} />
          {without > 0 && <span class="muted"> {count(without)} without a reason</span>}
        </td>
        <td />
      </tr>
      {isOpen &&
        reads.map((event) => <EventRow key={event.id} event={event} names={names} isInside />)}
    </>
  )
}
