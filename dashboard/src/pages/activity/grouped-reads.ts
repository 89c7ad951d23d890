import type { AuditEvent } from '../../api/answers.ts'

const READS = new Set(['prompt.read', 'attachment.read'])

/** What one row of the table stands for: one event, or the reads of one reader on one day. */
export type Entry =
  | { readonly kind: 'event'; readonly event: AuditEvent }
  | { readonly kind: 'reads'; readonly day: string; readonly reads: readonly AuditEvent[] }

/**
 * Events with the reads of each reader and day in one entry, at the place of the newest of them.
 * A single read stays as it is. `dayOf` cuts days in the zone of the page.
 */
export function groupReads(
  events: readonly AuditEvent[],
  dayOf: (at: string) => string,
): readonly Entry[] {
  const groups = new Map<string, AuditEvent[]>()
  const keyOf = (event: AuditEvent) => `${dayOf(event.at)} ${event.actor}`
  for (const event of events) {
    if (!READS.has(event.action)) continue
    const key = keyOf(event)
    groups.set(key, [...(groups.get(key) ?? []), event])
  }
  return events.flatMap((event): Entry[] => {
    const reads = READS.has(event.action) ? (groups.get(keyOf(event)) ?? []) : []
    if (reads.length < 2) return [{ kind: 'event', event }]
    return reads[0] === event ? [{ kind: 'reads', day: dayOf(event.at), reads }] : []
  })
}
