import type { Top } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { cost, count, duration } from '../../state/numbers.ts'
import { dateTime } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { LowerCard } from './lower-card.tsx'
import { apiQuery, type Question } from './question.ts'

type TopRecord = Top['records'][number]

const MEASURES = {
  costUsd: {
    label: 'Dearest',
    head: '$',
    text: ({ costUsd, costStatus }: TopRecord) =>
      `${costStatus === 'estimated' ? '~' : ''}${cost(costUsd)}`,
  },
  latencyMs: {
    label: 'Slowest',
    head: 'Latency',
    text: ({ latencyMs }: TopRecord) => duration(latencyMs),
  },
  totalTokens: {
    label: 'Most tokens',
    head: 'Tokens',
    text: ({ totalTokens, usageSource }: TopRecord) =>
      `${usageSource === 'estimated' ? '~' : ''}${count(totalTokens)}`,
  },
} as const
type Measure = keyof typeof MEASURES

const MOST = '10'

/** The calls at the end of a scale. */
export function TopCard({ question, isReady }: { question: Question; isReady: boolean }) {
  const { query, replace } = useQuery()
  const by = query.get('top') ?? 'costUsd'
  const measure: Measure = Object.hasOwn(MEASURES, by) ? (by as Measure) : 'costUsd'
  const { head, text } = MEASURES[measure]
  const asked = apiQuery(question, { by: measure, limit: MOST })
  const resource = useResource(isReady ? `top ${asked}` : null, (signal) =>
    get<Top>('/audit/top', asked, signal),
  )
  return (
    <LowerCard
      title="Calls that stand out"
      resource={resource}
      aside={
        <span class="segments">
          {Object.entries(MEASURES).map(([name, { label }]) => (
            <button
              key={name}
              type="button"
              class="button quiet small"
              aria-pressed={measure === name}
              onClick={() => replace({ top: name === 'costUsd' ? null : name })}
            >
              {label}
            </button>
          ))}
        </span>
      }
    >
      {({ records }) =>
        records.length === 0 ? (
          <p class="empty">No call of this range has such a number.</p>
        ) : (
          <table class="table fixed">
            <caption class="visually-hidden">{MEASURES[measure].label} calls first</caption>
            <thead>
              <tr>
                <th class="when">Time, {question.timeZone}</th>
                <th>Model</th>
                <th class="number">{head}</th>
              </tr>
            </thead>
            <tbody>
              {records.map((record) => (
                <tr key={record.requestId}>
                  <td>
                    <a href={`/ui/audit/${record.requestId}`}>
                      {dateTime(Date.parse(record.createdAt), question.timeZone)}
                    </a>
                  </td>
                  <td class="ellipsis" title={record.model ?? undefined}>
                    {record.model ?? '—'}
                  </td>
                  <td class="number">{text(record)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </LowerCard>
  )
}
