import { useQuery } from '../../state/url.ts'
import { callsLink, type Narrowing } from './calls-link.ts'
import type { Question } from './question.ts'

/**
 * Makes links to the calls behind the numbers of a question: of all of its range, or of a span of
 * it. A narrowing that the API cannot say (null) has no link; nor has a tag beside tags that the page
 * filters by, because values of one filter are alternatives.
 */
export function useCallsLink({ filters, range }: Question) {
  const { query } = useQuery()
  const tz = query.get('tz')
  return (
    narrowings: readonly (Narrowing | null)[] = [],
    span: { readonly from: string | number; readonly to: string | number } = {
      from: range.fromMs,
      to: range.toMs,
    },
  ): string | undefined => {
    const said = narrowings.filter(
      (narrowing): narrowing is Narrowing =>
        narrowing !== null &&
        (narrowing.name !== 'tag' || narrowing.isMore === true || !filters.has('tag')),
    )
    if (said.length < narrowings.length) return undefined
    return callsLink({ filters, tz, ...span }, said)
  }
}
