import { useEffect, useRef, useState } from 'preact/hooks'
import type { Summary } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { type Resource, useResource } from '../../api/resource.ts'
import type { Range } from '../../state/range.ts'
import type { Filter } from './filter-text.ts'
import { rangedQuery, withParameters } from './list-query.ts'

const AGAIN_EVERY_MS = 10_000

interface SummaryOptions {
  readonly filters: readonly Filter[]
  readonly range: Range
  readonly timeZone: string
  /** Calls that came live: each makes the sums old. */
  readonly arrived: number
}

/** How many calls the filters meet, what they cost, and when they came; again while calls come. */
export function useSummary({ filters, range, timeZone, arrived }: SummaryOptions): {
  readonly summary: Resource<Summary>
  /** The range that it is of: its end moves while calls come. */
  readonly counted: { readonly fromMs: number; readonly toMs: number }
  /** It is of other filters or another range than the present ones. */
  readonly isStale: boolean
} {
  const [end, setEnd] = useState({ of: range.toMs, toMs: range.toMs })
  const toMs = end.of === range.toMs ? end.toMs : range.toMs
  const included = useRef(0)
  useEffect(() => {
    if (arrived === 0) included.current = 0
    if (arrived === included.current) return
    const timer = setTimeout(
      () => {
        included.current = arrived
        setEnd({ of: range.toMs, toMs: Date.now() })
      },
      Math.max(0, AGAIN_EVERY_MS - (Date.now() - toMs)),
    )
    return () => clearTimeout(timer)
  }, [arrived, toMs, range.toMs])

  const counted = { fromMs: range.fromMs, toMs }
  const query = withParameters(rangedQuery(filters, counted, timeZone), { measures: 'cost' })
  const summary = useResource(query.toString(), (signal) =>
    get<Summary>('/audit/summary', query, signal),
  )
  const asked = rangedQuery(filters, range, timeZone).toString()
  const answered = useRef(asked)
  if (!summary.isStale) answered.current = asked
  return { summary, counted, isStale: answered.current !== asked }
}
