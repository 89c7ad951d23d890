import type { Summary } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { count } from '../../state/numbers.ts'
import { dateTime, span } from '../../state/times.ts'
import { type Filter, type Term, termsOf, textOf } from './filter-text.ts'
import { rangedQuery, withParameters } from './list-query.ts'

const MOST_TERMS = 5
const HALF_DAY_MS = 43_200_000

interface EmptyListProps {
  readonly filters: readonly Filter[]
  readonly range: { readonly fromMs: number; readonly toMs: number }
  readonly timeZone: string
  /** When the newest call of all was made; undefined: not known. */
  readonly newestMs: number | undefined
  readonly onRemove: (term: Term) => void
  readonly onRange: (fromMs: number, toMs: number) => void
}

/** Why there is nothing to see, and what leads to something. */
export function EmptyList(props: EmptyListProps) {
  return (
    <div class="empty">
      {props.filters.length > 0 ? <NoMatch {...props} /> : <NoCall {...props} />}
    </div>
  )
}

/** How many calls there would be without each part of the filter. */
function NoMatch({ filters, range, timeZone, onRemove }: EmptyListProps) {
  const terms = termsOf(filters).slice(0, MOST_TERMS)
  const queries = terms.map((term) =>
    withParameters(
      rangedQuery(
        filters.filter((filter) => !term.filters.includes(filter)),
        range,
        timeZone,
      ),
      { bucket: 'none', measures: 'calls' },
    ),
  )
  const { data } = useResource(queries.join(' '), (signal) =>
    Promise.all(queries.map((query) => get<Summary>('/audit/summary', query, signal))),
  )
  return (
    <>
      <h2>No call matches</h2>
      <ul>
        {terms.map((term, at) => (
          <li key={textOf(term.filters)}>
            Without <code>{textOf(term.filters)}</code>{' '}
            {data === undefined ? '…' : count(data[at]?.totals.calls)} do ·{' '}
            <button type="button" class="link" onClick={() => onRemove(term)}>
              remove
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Where the newest call is. */
function NoCall({ range, timeZone, newestMs, onRange }: EmptyListProps) {
  return (
    <>
      <h2>No calls between {span(range.fromMs, range.toMs, timeZone).replace(' – ', ' and ')}</h2>
      {newestMs !== undefined && (
        <p>
          The newest is {dateTime(newestMs, timeZone)} {timeZone} ·{' '}
          <button
            type="button"
            class="link"
            onClick={() => onRange(newestMs - HALF_DAY_MS, newestMs + HALF_DAY_MS)}
          >
            go there
          </button>
        </p>
      )}
    </>
  )
}
