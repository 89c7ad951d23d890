import type { AuditEvent } from '../../api/answers.ts'
import { csvText } from '../../parts/csv.ts'
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
  return csvText([HEAD, ...rows])
}
