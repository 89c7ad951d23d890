import type { Losses } from '../../api/answers.ts'
import type { Resource } from '../../api/resource.ts'
import { count, coverage } from '../../state/numbers.ts'
import { coverageLink } from './page-link.ts'
import type { Question } from './question.ts'
import { Tile } from './tile.tsx'

/** How much of what was let through was wholly observed. */
export function CoverageTile({
  losses,
  question,
}: {
  losses: Resource<Losses>
  question: Question
}) {
  const ledger = coverageLink(question)
  return (
    <Tile title="Coverage" resource={losses}>
      {({ calls, lost, open, coverage: part, envoyOnly, differing }) => (
        <>
          <p class="figure">
            <a
              href={ledger}
              title={part === null ? 'Not known: no call of the range has ended.' : undefined}
            >
              {coverage(part)}
            </a>
          </p>
          <p>
            {count(calls - open - lost)} of {count(calls - open)} wholly observed
          </p>
          <p>
            <a href={ledger} class={lost > 0 ? 'bad' : undefined}>
              {count(lost)} lost
            </a>{' '}
            · {count(open)} open · <a href={ledger}>ledger</a>
          </p>
          <p>
            {question.filters.size > 0
              ? 'of all calls: the ledger has no filters'
              : `Envoy’s log: ${count(envoyOnly)} unknown to Flint, ${count(differing)} differ`}
          </p>
        </>
      )}
    </Tile>
  )
}
