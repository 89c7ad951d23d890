import { useEffect, useState } from 'preact/hooks'
import type { AuditEvent, Events } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { type Resource, useResource } from '../../api/resource.ts'
import { type Action, useAction } from '../../parts/use-action.ts'
import { nowMs, rangeOf, rangeQuery } from '../../state/range.ts'
import { allEvents } from './all-events.ts'

const PAGE = 200

interface LoadedEvents {
  readonly newest: Resource<Events>
  readonly events: readonly AuditEvent[]
  /** Loads the next page; null: there is none. */
  readonly more: (() => void) | null
  readonly moreAction: Action
  /** Reads all that the URL asks for, however many pages they are. */
  readonly readAll: () => Promise<readonly AuditEvent[]>
}

/** The events that the URL asks for, page by page. */
export function useEvents(query: URLSearchParams): LoadedEvents {
  const asked = eventsQuery(query)
  const key = asked.toString()
  const newest = useResource(key, (signal) => get<Events>('/audit/events', asked, signal))
  const [older, setOlder] = useState<readonly Events[]>([])
  const moreAction = useAction()
  // Pages continue the answer that they were loaded for, and no other.
  useEffect(() => setOlder([]), [newest.data])

  const cursor = (older.at(-1) ?? newest.data)?.nextCursor ?? null
  const load = (from: string) =>
    moreAction.run(async () => {
      const page = await get<Events>('/audit/events', { cursor: from })
      setOlder((pages) => [...pages, page])
    })
  return {
    newest,
    events: [...(newest.data?.events ?? []), ...older.flatMap(({ events }) => events)],
    more: cursor === null ? null : () => void load(cursor),
    moreAction,
    readAll: () => allEvents((page) => get<Events>('/audit/events', page ?? asked)),
  }
}

/** As the API takes it: range, actions, actor, subject. */
function eventsQuery(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams(rangeQuery(rangeOf(query, nowMs.value)))
  for (const action of query.getAll('action')) asked.append('action', action)
  for (const name of ['actor', 'subject']) {
    const value = query.get(name)
    if (value !== null) asked.set(name, value)
  }
  asked.set('limit', String(PAGE))
  return asked
}
