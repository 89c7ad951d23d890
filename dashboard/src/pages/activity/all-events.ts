import type { AuditEvent, Events } from '../../api/answers.ts'

/** Every event of a question, newest first. `read` is asked for the first page by null. */
export async function allEvents(
  read: (page: { readonly cursor: string } | null) => Promise<Events>,
): Promise<readonly AuditEvent[]> {
  const found: AuditEvent[] = []
  let page = await read(null)
  for (;;) {
    found.push(...page.events)
    if (page.nextCursor === null) return found
    page = await read({ cursor: page.nextCursor })
  }
}
