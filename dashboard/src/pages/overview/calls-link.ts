import { pageUrl } from '../../state/url.ts'
import { tagOf } from './question.ts'

/** A parameter of `/ui/audit` with its values; `isMore`: beside those that the page has already. */
export interface Narrowing {
  readonly name: string
  readonly values: readonly string[]
  readonly isMore?: boolean
}

export interface CallsOf {
  readonly filters: URLSearchParams
  /** ISO 8601, or milliseconds. */
  readonly from: string | number
  readonly to: string | number
  /** The zone that a link of the page names; null: the reader's. */
  readonly tz: string | null
}

/** URL of the list of exactly these calls. */
export function callsLink(
  { filters, from, to, tz }: CallsOf,
  narrowings: readonly Narrowing[] = [],
): string {
  const query = new URLSearchParams({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  })
  if (tz !== null) query.set('tz', tz)
  for (const [name, value] of filters) query.append(name, value)
  for (const { name, values, isMore = false } of narrowings) {
    if (!isMore) query.delete(name)
    for (const value of values) query.append(name, value)
  }
  return pageUrl('/ui/audit', query)
}

/**
 * The filter of a group of sums. `model` would also find calls that asked for that model and were
 * answered by another.
 */
function filterOf(group: string): string {
  if (tagOf(group) !== null) return 'tag'
  return group === 'model' ? 'recordModel' : group
}

/** Filters whose values may end with `*`, so that one of any value finds what has none. */
const WITH_PREFIXES: ReadonlySet<string> = new Set(['recordModel', 'endpoint'])
const ANY_STATUS = ['!1xx', '!2xx', '!3xx', '!4xx', '!5xx', '!6xx', '!7xx', '!8xx', '!9xx']

/** Exactly the calls of a group of sums; null: those without a value, where the API can say so. */
export function having(group: string, value: string | number | null): Narrowing | null {
  const name = filterOf(group)
  if (value !== null) return { name, values: [literal(name, filterValue(group, String(value)))] }
  if (name === 'status') return { name, values: ANY_STATUS, isMore: true }
  return WITH_PREFIXES.has(name) ? { name, values: ['!*'], isMore: true } : null
}

/** The calls of no group of these; null: the API cannot say so. */
export function havingNoneOf(group: string, values: readonly (string | null)[]): Narrowing | null {
  const name = filterOf(group)
  // No filter finds the calls that have a tag, whatever its value.
  if (name === 'tag' && values.includes(null)) return null
  return {
    name,
    values: values.map((value) =>
      value === null ? '*' : `!${literal(name, filterValue(group, value))}`,
    ),
    isMore: true,
  }
}

/** Of a tag: `team:search`. */
function filterValue(group: string, value: string): string {
  const tag = tagOf(group)
  return tag === null ? value : `${tag}:${value}`
}

/** A leading `!` and a trailing `*` would have a meaning. */
function literal(name: string, value: string): string {
  const start = value.replace(/^(?=\\*!)/, '\\')
  return WITH_PREFIXES.has(name) && start.endsWith('*') ? `${start.slice(0, -1)}\\*` : start
}
