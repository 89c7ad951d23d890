import type { Summary } from '../../api/answers.ts'
import type { Resource } from '../../api/resource.ts'
import { Icon } from '../../parts/icon.tsx'
import { count, dollars, share } from '../../state/numbers.ts'
import { against, costFigure, spanBefore } from './figures.ts'
import type { Question } from './question.ts'
import { Tile } from './tile.tsx'
import { useCallsLink } from './use-calls-link.ts'

const PRICED = { name: 'costStatus', values: ['exact', 'estimated'] }
const of = (status: string) => ({ name: 'costStatus', values: [status] })

export function CostTile({
  summary,
  question,
}: {
  summary: Resource<Summary>
  question: Question
}) {
  const callsOf = useCallsLink(question)
  const { fromMs, toMs } = question.range
  return (
    <Tile title="Cost" resource={summary}>
      {({ totals, before }) => {
        const { text, usd, isAtLeast, billable } = costFigure(totals)
        const { exact, estimated, unpriced } = totals.cost ?? NO_COST
        const change = against(
          usd,
          before === undefined ? undefined : costFigure(before).usd,
          spanBefore(toMs - fromMs),
        )
        return (
          <>
            <p class="figure">
              <a
                href={callsOf([PRICED])}
                title={
                  isAtLeast
                    ? `Of ${count(exact.calls + estimated.calls)} calls with a price; the ${count(unpriced.calls)} unpriced ones come on top.`
                    : `Of ${count(exact.calls + estimated.calls)} calls`
                }
              >
                {text}
              </a>
            </p>
            <p>{change ?? 'not compared'}</p>
            <p>
              exact{' '}
              <a href={callsOf([of('exact')])} title={`${count(exact.calls)} calls`}>
                {share(exact.calls, billable)}
              </a>
              {' · estimated '}
              <a href={callsOf([of('estimated')])} title={`${count(estimated.calls)} calls`}>
                {share(estimated.calls, billable)}
                {estimated.calls > 0 && ` (~${dollars(estimated.usd)})`}
              </a>
            </p>
            <p>
              {unpriced.calls > 0 ? (
                <a class="warn" href={callsOf([of('unpriced')])}>
                  <Icon name="triangle-alert" /> {count(unpriced.calls)} calls unpriced, no amount
                  known
                </a>
              ) : (
                'every billable call has a price'
              )}
            </p>
          </>
        )
      }}
    </Tile>
  )
}

const NO_COST = {
  exact: { calls: 0, usd: 0 },
  estimated: { calls: 0, usd: 0 },
  unpriced: { calls: 0 },
}
