import { useMemo } from 'preact/hooks'
import type { Losses, Summary, SummaryTotals } from '../../api/answers.ts'
import { Chart } from '../../parts/chart/chart.tsx'
import type { ChartSeries } from '../../parts/chart/chart-data.ts'
import { OTHER_COLOUR } from '../../parts/chart/series-colours.ts'
import { dollars } from '../../state/numbers.ts'
import { BUCKETS } from './bucket.ts'
import { having, havingNoneOf, type Narrowing } from './calls-link.ts'
import type { ChartFrame } from './chart-frame.ts'
import { costFigure } from './figures.ts'
import { groupLabel } from './group-label.ts'
import { Legend } from './legend.tsx'
import { lossTicks } from './loss-ticks.ts'
import { byGroup, groupTitle, groupValue, type Question } from './question.ts'

const CHART_HEIGHT = 240
/** With head and readout. */
export const COST_CARD_HEIGHT = CHART_HEIGHT + 48
/** Key of the series of all groups that have no name. */
const OTHER = '\u0000other'

/** Cost over time by group, and what each group cost in all. */
export function CostCard({
  summary,
  losses,
  question,
  frame,
  colours,
  names,
}: {
  summary: Summary
  losses: Losses | undefined
  question: Question
  frame: ChartFrame
  colours: ReadonlyMap<string, string>
  names: Readonly<Record<string, string | null>>
}) {
  const { group } = question
  const rows = useMemo(() => legendRows(summary, question, colours, names), [summary, names])
  const data = useMemo(
    () => ({
      kind: 'bars' as const,
      buckets: frame.buckets,
      isLastOpen: frame.isLastOpen,
      series: rows.map(({ series }) => series),
      ...(losses === undefined ? {} : { losses: lossTicks(frame.buckets, losses.windows) }),
    }),
    [rows, losses],
  )
  const title = `Cost ${byGroup(group)}`
  const per = frame.bucketLength === 'none' ? '' : BUCKETS[frame.bucketLength].label
  const hasLosses = (losses?.lost ?? 0) > 0
  return (
    <div class="cost-card">
      <Chart
        data={data}
        wording={{ title, format: dollars, timeZone: frame.timeZone }}
        height={CHART_HEIGHT}
        unit="$"
        axisLabel={axisDollars}
        cursor={frame.cursor}
        hrefOf={(index, key) => {
          const bucket = frame.buckets[index]
          const row = rows.find(({ series }) => series.key === key)
          const span = bucket && { from: bucket.fromMs, to: bucket.toMs }
          return frame.callsOf(row === undefined ? [] : [row.narrowing], span) ?? '/ui/audit'
        }}
        onZoom={frame.onZoom}
        note={
          <>
            {per} · hatched: estimated · dashed: still filling
            {hasLosses && (
              <>
                {' · '}
                <span class="loss-mark" /> not wholly observed
              </>
            )}
          </>
        }
      />
      <Legend title={groupTitle(group)} rows={rows} callsOf={frame.callsOf} />
    </div>
  )
}

export interface LegendRow {
  readonly series: ChartSeries
  readonly totals: SummaryTotals
  readonly before: SummaryTotals | undefined
  /** null: the API has no filter for these calls. */
  readonly narrowing: Narrowing | null
}

function legendRows(
  { groups, other }: Summary,
  { group }: Question,
  colours: ReadonlyMap<string, string>,
  names: Readonly<Record<string, string | null>>,
): readonly LegendRow[] {
  const named = groups.map(({ key, totals, before, buckets }): LegendRow => {
    const value = groupValue(group, key)
    return {
      series: {
        key: String(value),
        label: groupLabel(group, value, names),
        colour: colours.get(String(value)) ?? OTHER_COLOUR,
        ...costOf(buckets),
      },
      totals,
      before,
      narrowing: having(group, value),
    }
  })
  if (other === undefined) return named
  const rest: LegendRow = {
    series: { key: OTHER, label: 'all others', colour: OTHER_COLOUR, ...costOf(other.buckets) },
    totals: other.totals,
    before: other.before,
    narrowing: havingNoneOf(
      group,
      groups.map(({ key }) => groupValue(group, key)),
    ),
  }
  return [...named, rest]
}

function costOf(buckets: Summary['buckets']): Pick<ChartSeries, 'values' | 'estimated'> {
  return {
    values: buckets.map(({ totals }) => costFigure(totals).usd),
    estimated: buckets.map(({ totals }) => totals.cost?.estimated.usd ?? 0),
  }
}

function axisDollars(value: number): string {
  return value === 0
    ? '$0'
    : `$${Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })}`
}
