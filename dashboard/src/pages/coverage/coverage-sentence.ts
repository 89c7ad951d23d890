import type { Losses } from '../../api/answers.ts'
import { count, coverage } from '../../state/numbers.ts'

export interface CoverageSaid {
  /** `100 %`, `99.989 %`, `—`. */
  readonly figure: string
  readonly sentence: string
  readonly kind: 'whole' | 'lost' | 'unknown'
}

/** The ledger in a sentence or two. `range`: as in "in the last 24 h". */
export function coverageSaid(ledger: Losses, range: string): CoverageSaid {
  const { calls, lost, open, coverage: part, envoyOnly } = ledger
  if (calls === 0)
    return {
      figure: coverage(null),
      sentence: `No call was let through ${range}, so there is nothing to cover.`,
      kind: 'unknown',
    }
  const envoy =
    envoyOnly === 0
      ? 'Envoy’s own log knows no call that Flint does not.'
      : `Envoy’s own log has ${calledCount(envoyOnly)} that no gate let through.`
  const stillOpen = open === 0 ? '' : `, ${count(open)} ${open === 1 ? 'is' : 'are'} still open`
  const seen = count(calls - lost - open)
  return {
    figure: coverage(part),
    sentence: `Of ${calledCount(calls)} let through ${range}, ${seen} ${
      calls - lost - open === 1 ? 'was' : 'were'
    } wholly observed, ${count(lost)} ${lost === 1 ? 'was' : 'were'} not${stillOpen}. ${envoy}`,
    kind: part === null ? 'unknown' : lost === 0 ? 'whole' : 'lost',
  }
}

function calledCount(calls: number): string {
  return calls === 1 ? '1 call' : `${count(calls)} calls`
}
