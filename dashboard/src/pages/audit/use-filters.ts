import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { placeOfId } from '../../api/find-call.ts'
import { ApiError } from '../../api/request.ts'
import { useQuery } from '../../state/url.ts'
import { looksLikeId } from './any-id.ts'
import type { Problem } from './filter-chips.tsx'
import { withoutTerm } from './filter-edits.ts'
import { type Filter, filtersOf, parseText, type Term, textOf } from './filter-text.ts'
import { filterChanges } from './list-query.ts'

const BARE = 'is in no field; prompts are not searchable: filter by promptHash'

interface Filters {
  /** What was written into the box and is no filter. */
  readonly problems: readonly Problem[]
  readonly dismiss: (problem: Problem) => void
  readonly set: (filters: readonly Filter[]) => void
  readonly remove: (term: Term) => void
  /** Text of the box becomes the filters of the URL; an id leads to its call, on Enter alone. */
  readonly commit: (text: string, by: 'enter' | 'blur') => void
}

/** Changes of the URL's filters. */
export function useFilters(): Filters {
  const { route } = useLocation()
  const { query, push } = useQuery()
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const filters = filtersOf(query)
  const set = (next: readonly Filter[]) => push(filterChanges(query, next))

  async function goTo(id: string) {
    try {
      const place = await placeOfId(id)
      if (place !== null) return route(place)
      setProblems([{ text: id, why: 'is the id of no call' }])
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblems([{ text: id, why: error.message }])
    }
  }

  return {
    problems,
    dismiss: (problem) => setProblems(problems.filter((one) => one !== problem)),
    set,
    remove: (term) => set(withoutTerm(filters, term)),
    commit(text, by) {
      const parsed = parseText(text)
      const [id] = parsed.bare
      if (by === 'enter' && parsed.bare.length === 1 && id !== undefined && looksLikeId(id))
        return void goTo(id)
      setProblems([...parsed.problems, ...parsed.bare.map((one) => ({ text: one, why: BARE }))])
      if (textOf(parsed.filters) !== textOf(filters)) set(parsed.filters)
    },
  }
}
