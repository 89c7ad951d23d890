import { count, difference, UNKNOWN } from '../../state/numbers.ts'
import type { ChartFrame } from './chart-frame.ts'
import type { LegendRow } from './cost-card.tsx'
import { costFigure } from './figures.ts'

/** The groups of the chart with their sums; each leads to its calls. */
export function Legend({
  title,
  rows,
  callsOf,
}: {
  title: string
  rows: readonly LegendRow[]
  callsOf: ChartFrame['callsOf']
}) {
  return (
    <section class="legend" aria-label={`${title}: totals`}>
      <table class="table">
        <caption class="visually-hidden">{title}: cost and calls of the range</caption>
        <thead>
          <tr>
            <th>{title}</th>
            <th class="number">$</th>
            <th class="number">Before</th>
            <th class="number">Calls</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ series, totals, before, narrowing }) => {
            const { text, usd, isAtLeast } = costFigure(totals)
            const earlier = before === undefined ? null : costFigure(before).usd
            const href = callsOf([narrowing])
            return (
              <tr key={series.key}>
                <td class="name">
                  <a class="cell ellipsis" href={href} title={series.label}>
                    <span class="swatch" style={{ '--series': `var(${series.colour})` }} />
                    {series.label}
                  </a>
                </td>
                <td
                  class="number"
                  title={
                    isAtLeast
                      ? `${count(totals.cost?.unpriced.calls)} calls have no known price`
                      : undefined
                  }
                >
                  <a class="cell" href={href}>
                    {text.replace('$', '')}
                  </a>
                </td>
                <td class="number muted">
                  {usd === null || earlier === null ? (
                    <span title="Not compared, or a price is not known.">{UNKNOWN}</span>
                  ) : (
                    difference(usd, earlier)
                  )}
                </td>
                <td class="number">
                  <a class="cell" href={href}>
                    {count(totals.calls)}
                  </a>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}
