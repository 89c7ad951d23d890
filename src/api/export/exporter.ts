import type { Acted, EventAction } from '../../identity/events.ts'
import type { ExportQueries, ExportQuery } from '../../store/calls/export-queries.ts'
import type { IdentityLog } from '../../store/identity/identity-log.ts'

interface ExportWish extends ExportQuery, Acted {
  /** What was asked for, as the event shows it. */
  readonly asked: Readonly<Record<string, unknown>>
}

interface OpenExport {
  /** Records, as they were counted before the first byte. */
  readonly rows: number
  /** The file. Throws where the store fails; ending it early ends the statement. */
  readonly body: AsyncGenerator<Buffer>
}

export interface Exporter {
  /**
   * Resolves when the first bytes are there; the event of the export is durable before. Rejects
   * where the store refuses the first statement: nothing has been given out then.
   */
  open(wish: ExportWish): Promise<OpenExport>
}

export function createExporter({
  queries,
  log,
}: {
  readonly queries: ExportQueries
  readonly log: Pick<IdentityLog, 'append'>
}): Exporter {
  return {
    async open({ actor, sessionId, asked, ...query }) {
      const plan = await queries.plan(query)
      const action: EventAction = 'records.exported'
      const { org, format, withPrompts } = query
      await log.append([
        {
          subjectKind: 'organisation',
          org,
          actor,
          sessionId,
          action,
          subject: org,
          reason: null,
          old: null,
          new: {
            ...asked,
            format,
            rows: plan.rows,
            prompts: withPrompts,
            rowsWithPrompts: withPrompts ? plan.rowsWithPrompts : 0,
          },
        },
      ])
      const parts = queries.read(query, plan)[Symbol.asyncIterator]()
      return { rows: plan.rows, body: startedWith(await parts.next(), parts) }
    },
  }
}

/** The parts, of which the first has been read already. */
async function* startedWith(
  first: IteratorResult<Buffer>,
  parts: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    for (let part = first; !part.done; part = await parts.next()) yield part.value
  } finally {
    await parts.return?.()
  }
}
