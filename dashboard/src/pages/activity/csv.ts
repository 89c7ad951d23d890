import type { AuditEvent } from '../../api/answers.ts'
import { changedFields, fieldText } from './changed-fields.ts'
import { deed } from './deeds.ts'

const HEAD = [
  'at (UTC)',
  'actor',
  'name',
  'via',
  'session',
  'action',
  'did',
  'subject',
  'reason',
  'changes',
]
/** A spreadsheet would take such a cell for a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** Events as CSV by RFC 4180, in the order given. Cells that look like formulas begin with `'`. */
export function eventsCsv(events: readonly AuditEvent[]): string {
  const rows = events.map((event) => [
    event.at,
    event.actor,
    event.actorName ?? '',
    event.via,
    event.sessionId ?? '',
    event.action,
    deed(event),
    event.subject,
    event.reason ?? '',
    changedFields(event)
      .map(({ name, old, new: now }) => `${name}: ${fieldText(old)} → ${fieldText(now)}`)
      .join('; '),
  ])
  return [HEAD, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
