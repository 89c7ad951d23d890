import type { Summary } from '../../api/answers.ts'
import type { Resource } from '../../api/resource.ts'
import { count, share } from '../../state/numbers.ts'
import { against, forwarded, spanBefore } from './figures.ts'
import type { Question } from './question.ts'
import { Tile } from './tile.tsx'
import { useCallsLink } from './use-calls-link.ts'

const FAILED = { name: 'failed', values: ['true'] }
const outcome = (name: string) => ({ name: 'outcome', values: [name] })

export function CallsTile({
  summary,
  question,
}: {
  summary: Resource<Summary>
  question: Question
}) {
  const callsOf = useCallsLink(question)
  const { fromMs, toMs } = question.range
  return (
    <Tile title="Calls" resource={summary}>
      {({ totals, before }) => {
        const { calls, failed, outcomes } = totals
        const all = forwarded(totals)
        return (
          <>
            <p class="figure">
              <a href={callsOf()}>{count(calls)}</a>
            </p>
            <p>{against(calls, before?.calls, spanBefore(toMs - fromMs)) ?? 'not compared'}</p>
            <p>
              failed{' '}
              <a href={callsOf([FAILED])} title={`${count(failed)} of ${count(all)} forwarded`}>
                {share(failed, all)}
              </a>
              {' · left early '}
              <a
                href={callsOf([outcome('client_aborted')])}
                title={`${count(outcomes.client_aborted)} of ${count(all)} forwarded`}
              >
                {share(outcomes.client_aborted, all)}
              </a>
            </p>
            <p>
              refused by Flint:{' '}
              <a href={callsOf([outcome('rejected')])}>{count(outcomes.rejected)}</a>, in no rate
            </p>
          </>
        )
      }}
    </Tile>
  )
}
