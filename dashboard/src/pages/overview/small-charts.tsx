import { type ComponentChildren, Fragment } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Summary, SummaryTotals } from '../../api/answers.ts'
import { Chart } from '../../parts/chart/chart.tsx'
import type { ChartData } from '../../parts/chart/chart-data.ts'
import { count, duration, share } from '../../state/numbers.ts'
import type { Narrowing } from './calls-link.ts'
import type { ChartFrame } from './chart-frame.ts'
import { forwarded } from './figures.ts'

const CHART_HEIGHT = 150
/** With head, legend and readout. */
export const SMALL_CHART_HEIGHT = CHART_HEIGHT + 88

interface Line {
  readonly key: string
  readonly label: string
  readonly colour: string
  readonly value: (totals: SummaryTotals) => number | null
  readonly narrowings?: readonly Narrowing[]
}

interface SmallChart {
  readonly title: string
  readonly kind: ChartData['kind']
  readonly unit: string
  readonly lines: readonly Line[]
  readonly note: (totals: SummaryTotals, callsOf: ChartFrame['callsOf']) => ComponentChildren
  readonly format: (value: number | null) => string
  readonly axisLabel: (value: number) => string
}

const failed = { name: 'failed', values: ['true'] }
const notFailed = { name: 'failed', values: ['false'] }
const outcome = (...values: string[]) => ({ name: 'outcome', values })
/** What percentiles are of. */
const TIMED = [
  outcome('complete'),
  { name: 'source', values: ['proxy', 'mesh'] },
  { name: 'status', values: ['!101'] },
]
/** Who said the tokens, where that was not the provider in full. */
const UNSURE = ['estimated', 'partial', 'none'] as const
const BILLABLE = [{ name: 'billable', values: ['!false'] }]

function percentiles(measure: 'latency' | 'firstByte', title: string): SmallChart {
  return {
    title,
    kind: 'lines',
    unit: 'ms',
    format: duration,
    axisLabel: (ms) => (ms < 1_000 ? `${short(ms)} ms` : `${short(ms / 1_000)} s`),
    lines: [
      {
        key: 'p50',
        label: 'p50',
        colour: '--series-1',
        value: (totals) => totals[measure]?.p50Ms ?? null,
        narrowings: TIMED,
      },
      {
        key: 'p99',
        label: 'p99',
        colour: '--series-2',
        value: (totals) => totals[measure]?.p99Ms ?? null,
        narrowings: TIMED,
      },
    ],
    note: () => 'complete calls, ± 2.5 %',
  }
}

const CHARTS: readonly SmallChart[] = [
  {
    title: 'Calls and failures',
    kind: 'bars',
    unit: 'calls',
    format: count,
    axisLabel: whole,
    lines: [
      {
        key: 'fine',
        label: 'fine',
        colour: '--series-1',
        value: ({ calls, failed, outcomes }) =>
          calls - failed - outcomes.rejected - outcomes.client_aborted,
        narrowings: [notFailed, outcome('!rejected', '!client_aborted')],
      },
      {
        key: 'left',
        label: 'left early',
        colour: '--series-5',
        value: ({ outcomes }) => outcomes.client_aborted,
        narrowings: [outcome('client_aborted')],
      },
      {
        key: 'failed',
        label: 'failed',
        colour: '--bad',
        value: (totals) => totals.failed,
        narrowings: [failed],
      },
      {
        key: 'refused',
        label: 'refused by Flint',
        colour: '--series-other',
        value: ({ outcomes }) => outcomes.rejected,
        narrowings: [outcome('rejected')],
      },
    ],
    note: (totals, callsOf) => (
      <>
        <a
          href={callsOf([failed])}
          title={`${count(totals.failed)} of ${count(forwarded(totals))} forwarded`}
        >
          {share(totals.failed, forwarded(totals))}
        </a>{' '}
        of forwarded calls failed
      </>
    ),
  },
  {
    title: 'Tokens',
    kind: 'bars',
    unit: 'tokens',
    format: count,
    axisLabel: whole,
    lines: [
      {
        key: 'fresh',
        label: 'in',
        colour: '--series-1',
        value: ({ tokens }) => (tokens === undefined ? null : tokens.input - tokens.cachedInput),
        narrowings: BILLABLE,
      },
      {
        key: 'cached',
        label: 'cached',
        colour: '--series-3',
        value: ({ tokens }) => tokens?.cachedInput ?? null,
        narrowings: BILLABLE,
      },
      {
        key: 'out',
        label: 'out',
        colour: '--series-2',
        value: ({ tokens }) => (tokens === undefined ? null : tokens.output - tokens.reasoning),
        narrowings: BILLABLE,
      },
      {
        key: 'reasoning',
        label: 'reasoning',
        colour: '--series-5',
        value: ({ tokens }) => tokens?.reasoning ?? null,
        narrowings: BILLABLE,
      },
    ],
    note: ({ usageSources }, callsOf) => (
      <>
        usage of calls:{' '}
        {UNSURE.map((source, at) => (
          <Fragment key={source}>
            {at > 0 && ', '}
            <a href={callsOf([{ name: 'usageSource', values: [source] }])}>
              {count(usageSources[source])} {source}
            </a>
          </Fragment>
        ))}
      </>
    ),
  },
  percentiles('latency', 'Latency'),
  percentiles('firstByte', 'Time to first byte'),
]

/** Calls, tokens and times, under the cursor of the cost chart. */
export function SmallCharts({ summary, frame }: { summary: Summary; frame: ChartFrame }) {
  return (
    <div class="small-charts">
      {CHARTS.map((chart) => (
        <OneChart key={chart.title} chart={chart} summary={summary} frame={frame} />
      ))}
    </div>
  )
}

function OneChart({
  chart,
  summary,
  frame,
}: {
  chart: SmallChart
  summary: Summary
  frame: ChartFrame
}) {
  const { title, kind, unit, lines, note, format, axisLabel } = chart
  // Sums in full are in the table.
  const legendText = (value: number | null) =>
    kind === 'lines' || (value ?? 0) < 10_000 ? format(value) : short(value ?? 0)
  const data = useMemo(
    (): ChartData => ({
      kind,
      buckets: frame.buckets,
      isLastOpen: frame.isLastOpen,
      series: lines.map(({ key, label, colour, value }) => ({
        key,
        label,
        colour,
        values: summary.buckets.map(({ totals }) => value(totals)),
      })),
    }),
    [summary],
  )
  return (
    <Chart
      data={data}
      wording={{ title, format, timeZone: frame.timeZone }}
      height={CHART_HEIGHT}
      unit={unit}
      axisLabel={axisLabel}
      cursor={frame.cursor}
      hrefOf={(index, key) => {
        const bucket = frame.buckets[index]
        const span = bucket && { from: bucket.fromMs, to: bucket.toMs }
        const narrowings = lines.find((line) => line.key === key)?.narrowings ?? []
        return frame.callsOf(narrowings, span) ?? '/ui/audit'
      }}
      onZoom={frame.onZoom}
      legend={(index) => {
        const bucket = index === null ? undefined : summary.buckets[index]
        return lines.map(({ key, label, colour, value, narrowings }) => (
          <li key={key}>
            <span class="swatch" style={{ '--series': `var(${colour})` }} />
            {label}{' '}
            <a class="cell" href={frame.callsOf(narrowings, bucket)}>
              {legendText(value((bucket ?? summary).totals))}
            </a>
          </li>
        ))
      }}
      note={note(summary.totals, frame.callsOf)}
    />
  )
}

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
function short(value: number): string {
  return SHORT.format(value)
}

/** There is no half call and no half token. */
function whole(value: number): string {
  return Number.isInteger(value) ? short(value) : ''
}
