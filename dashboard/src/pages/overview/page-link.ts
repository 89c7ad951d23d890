import { rangeChanges } from '../../state/range.ts'
import { changed, pageUrl } from '../../state/url.ts'
import type { Question } from './question.ts'

/** The ledger of the same range. */
export function coverageLink({ range }: Pick<Question, 'range'>): string {
  return pageUrl('/ui/coverage', changed(new URLSearchParams(), rangeChanges(range)))
}
