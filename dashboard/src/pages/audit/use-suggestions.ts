import { useEffect, useState } from 'preact/hooks'
import type { Facets } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { count } from '../../state/numbers.ts'
import {
  type Completing,
  knownSuggestions,
  nameSuggestions,
  type Suggestion,
} from './completion.ts'
import { exactly, valueField } from './filter-fields.ts'
import { withParameters } from './list-query.ts'

const TYPED_PAUSE_MS = 150
const MOST = 12

/**
 * What can stand at the caret: names of fields, known values, and values that records of the range
 * have, with their counts.
 */
export function useSuggestions(
  completing: Completing | null,
  {
    query,
    keyNames,
  }: {
    /** The range, and filters that values must be found with. */
    readonly query: URLSearchParams
    readonly keyNames: Readonly<Record<string, string>>
  },
): readonly Suggestion[] {
  const field = completing?.field ?? null
  const typed = useSettled(completing?.typed ?? '')
  const isCounted = field !== null && valueField(field)?.counted === true
  const asked = isCounted
    ? withParameters(query, { field, ...(typed === '' ? {} : { q: typed }) })
    : null
  if (field !== null) asked?.delete(field)
  const { data } = useResource(asked?.toString() ?? null, (signal) =>
    get<Facets>('/audit/facets', asked ?? {}, signal),
  )
  if (completing === null) return []
  if (field === null) return nameSuggestions(completing.typed).slice(0, MOST)
  const counted = (data?.field === field ? data.values : []).flatMap(({ value, count: calls }) =>
    value === null || !value.toLowerCase().startsWith(completing.typed.toLowerCase())
      ? []
      : [{ text: exactly(field, value), hint: hintOf(keyNames[value], calls), isOpen: false }],
  )
  const known = knownSuggestions(field, completing.typed)
  const seen = new Set(counted.map(({ text }) => text))
  return [...counted, ...known.filter(({ text }) => !seen.has(text))].slice(0, MOST)
}

function hintOf(name: string | undefined, calls: number): string {
  return name === undefined ? count(calls) : `${name} · ${count(calls)}`
}

/** The text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPED_PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
