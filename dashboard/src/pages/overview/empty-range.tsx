import { dateTime, span } from '../../state/times.ts'
import { type Changes, useQuery } from '../../state/url.ts'
import type { Question } from './question.ts'

/** Why there is nothing to see, and where there is. */
export function EmptyRange({ question, newestMs }: { question: Question; newestMs: number }) {
  const { href } = useQuery()
  const { range, timeZone, filters } = question
  const lengthMs = range.toMs - range.fromMs
  const there: Changes = {
    last: null,
    from: new Date(newestMs + 1 - lengthMs).toISOString(),
    to: new Date(newestMs + 1).toISOString(),
  }
  const without = Object.fromEntries([...filters.keys()].map((name) => [name, null]))
  return (
    <p class="notice empty-range" role="status">
      {filters.size > 0 ? (
        <span>
          No call of this range matches the filters. <a href={href(without)}>Remove them</a>
        </span>
      ) : (
        <span>
          No calls between {span(range.fromMs, range.toMs, timeZone).replace(' – ', ' and ')}. The
          newest is of {dateTime(newestMs, timeZone)}. <a href={href(there)}>Go there</a>
        </span>
      )}
    </p>
  )
}
