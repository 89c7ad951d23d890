import type { Signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Losses, Summary } from '../../api/answers.ts'
import type { Resource } from '../../api/resource.ts'
import { seriesColours } from '../../parts/chart/series-colours.ts'
import { Loaded, Skeleton } from '../../parts/notices.tsx'
import { useQuery } from '../../state/url.ts'
import { type ChartFrame, chartFrame } from './chart-frame.ts'
import { COST_CARD_HEIGHT, CostCard } from './cost-card.tsx'
import { groupValue, type Question } from './question.ts'
import { SMALL_CHART_HEIGHT, SmallCharts } from './small-charts.tsx'
import { useCallsLink } from './use-calls-link.ts'

/** All charts of the overview: one summary, one cursor. */
export function Charts({
  summary,
  losses,
  question,
  cursor,
  names,
}: {
  summary: Resource<Summary>
  losses: Losses | undefined
  question: Question
  cursor: Signal<number | null>
  names: Readonly<Record<string, string | null>>
}) {
  const { push } = useQuery()
  const callsOf = useCallsLink(question)
  const colours = useRef<ReadonlyMap<string, string>>(new Map())
  return (
    <Loaded
      resource={summary}
      skeleton={
        <>
          <Skeleton height={COST_CARD_HEIGHT} />
          <div class="small-charts">
            {[1, 2, 3, 4].map((n) => (
              <Skeleton key={n} height={SMALL_CHART_HEIGHT} />
            ))}
          </div>
        </>
      }
    >
      {(data) => {
        const keys = data.groups.map(({ key }) => String(groupValue(question.group, key)))
        colours.current = new Map([...colours.current, ...seriesColours(keys, colours.current)])
        const frame: ChartFrame = chartFrame(data, question, cursor, {
          callsOf,
          zoom: (fromMs, toMs) =>
            push({
              last: null,
              from: new Date(fromMs).toISOString(),
              to: new Date(toMs).toISOString(),
            }),
        })
        return (
          <>
            <CostCard
              summary={data}
              losses={losses}
              question={question}
              frame={frame}
              colours={colours.current}
              names={names}
            />
            <SmallCharts summary={data} frame={frame} />
          </>
        )
      }}
    </Loaded>
  )
}
