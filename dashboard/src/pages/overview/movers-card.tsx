import type { Summary } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { count, dollars, UNKNOWN } from '../../state/numbers.ts'
import { having } from './calls-link.ts'
import { costFigure, spanBefore } from './figures.ts'
import { groupLabel } from './group-label.ts'
import { LowerCard } from './lower-card.tsx'
import { type Mover, moversOf } from './movers.ts'
import { apiQuery, byGroup, groupTitle, groupValue, type Question } from './question.ts'
import { useCallsLink } from './use-calls-link.ts'

const MOST = 10
const GROUPS_LOOKED_AT = '100'

/** Which groups cost more or less than in the same span before. */
export function MoversCard({
  question,
  isReady,
  names,
}: {
  question: Question
  isReady: boolean
  names: Readonly<Record<string, string | null>>
}) {
  const { group, range } = question
  const callsOf = useCallsLink(question)
  const asked = apiQuery(question, {
    groupBy: group,
    bucket: 'none',
    measures: 'cost',
    compare: 'previous',
    limit: GROUPS_LOOKED_AT,
  })
  const resource = useResource(isReady ? `movers ${asked}` : null, (signal) =>
    get<Summary>('/audit/summary', asked, signal),
  )
  const lengthMs = range.toMs - range.fromMs
  const before = { from: range.fromMs - lengthMs, to: range.fromMs }
  return (
    <LowerCard
      title={`Top movers, ${byGroup(group)}`}
      aside={<span class="small muted">against {spanBefore(lengthMs)}</span>}
      resource={resource}
    >
      {({ groups }) => {
        const { ranked, incomplete } = moversOf(groups)
        const shown = ranked.slice(0, Math.max(MOST - incomplete.length, 6))
        const rest = incomplete.slice(0, Math.max(0, MOST - shown.length))
        if (shown.length + rest.length === 0)
          return <p class="empty">No group’s cost changed against {spanBefore(lengthMs)}.</p>
        const row = ({ key, now, before: earlier, change }: Mover) => {
          const value = groupValue(group, key)
          const narrowing = having(group, value)
          const label = groupLabel(group, value, names)
          return (
            <tr key={String(value)}>
              <td class="name">
                <a class="cell ellipsis" href={callsOf([narrowing])} title={label}>
                  {label}
                </a>
              </td>
              <td class="number">
                <a class="cell" href={callsOf([narrowing])}>
                  {costFigure(now).text.replace('$', '')}
                </a>
              </td>
              <td class="number">
                <a class="cell" href={callsOf([narrowing], before)}>
                  {costFigure(earlier).text.replace('$', '')}
                </a>
              </td>
              <td class="number">
                {change === null ? (
                  <span
                    title={`Not known: ${count(now.cost?.unpriced.calls)} calls now, ${count(earlier.cost?.unpriced.calls)} before have no price.`}
                  >
                    {UNKNOWN}
                  </span>
                ) : (
                  `${change < 0 ? '−' : '+'}${dollars(Math.abs(change)).slice(1)}`
                )}
              </td>
            </tr>
          )
        }
        return (
          <table class="table fixed movers">
            <caption class="visually-hidden">Largest changes of cost, in US dollars</caption>
            <thead>
              <tr>
                <th>{groupTitle(group)}</th>
                <th class="number">Now, $</th>
                <th class="number">Before, $</th>
                <th class="number">Change, $</th>
              </tr>
            </thead>
            <tbody>{shown.map(row)}</tbody>
            {rest.length > 0 && (
              <tbody>
                <tr>
                  <th colSpan={4} scope="rowgroup">
                    Price not known of some calls
                  </th>
                </tr>
                {rest.map(row)}
              </tbody>
            )}
          </table>
        )
      }}
    </LowerCard>
  )
}
