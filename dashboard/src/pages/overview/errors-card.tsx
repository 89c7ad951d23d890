import type { Summary } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { count } from '../../state/numbers.ts'
import { having } from './calls-link.ts'
import { LowerCard } from './lower-card.tsx'
import { apiQuery, type Question } from './question.ts'
import { useCallsLink } from './use-calls-link.ts'

const MOST = 10
const FAILED = { name: 'failed', values: ['true'] }

const OUTCOMES: Readonly<Record<string, string>> = {
  complete: '',
  client_aborted: 'left early',
  upstream_reset: 'provider broke off',
  upstream_timeout: 'provider timed out',
  upstream_error: 'provider not reached',
  capture_lost: 'not wholly observed',
  unknown: 'end not known',
}

/** Failed calls by what went wrong and where. */
export function ErrorsCard({ question, isReady }: { question: Question; isReady: boolean }) {
  const callsOf = useCallsLink(question)
  const asked = apiQuery(question, {
    failed: 'true',
    groupBy: 'outcome,status,endpoint',
    bucket: 'none',
    measures: 'calls',
    limit: '100',
  })
  const resource = useResource(isReady ? `errors ${asked}` : null, (signal) =>
    get<Summary>('/audit/summary', asked, signal),
  )
  return (
    <LowerCard
      title="Errors by type and endpoint"
      aside={
        <a class="small" href={callsOf([FAILED])}>
          all failed
        </a>
      }
      resource={resource}
    >
      {({ groups }) =>
        groups.length === 0 ? (
          <p class="empty">No call failed in this range.</p>
        ) : (
          <table class="table fixed">
            <caption class="visually-hidden">Failed calls, most first</caption>
            <thead>
              <tr>
                <th class="type">Type</th>
                <th>Endpoint</th>
                <th class="number calls">Calls</th>
              </tr>
            </thead>
            <tbody>
              {[...groups]
                .sort((a, b) => b.totals.calls - a.totals.calls)
                .slice(0, MOST)
                .map(({ key: { outcome = null, status = null, endpoint = null }, totals }) => {
                  const type = [status, OUTCOMES[outcome ?? 'unknown'] ?? outcome]
                    .filter((part) => part !== null && part !== '')
                    .join(' ')
                  const href = callsOf([
                    FAILED,
                    having('outcome', outcome),
                    having('status', status),
                    having('endpoint', endpoint),
                  ])
                  return (
                    <tr key={`${outcome} ${status} ${endpoint}`}>
                      <td>
                        <a class="cell ellipsis" href={href} title={type}>
                          {type}
                        </a>
                      </td>
                      <td class="ellipsis" title={endpoint ?? undefined}>
                        {endpoint ?? '—'}
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
        )
      }
    </LowerCard>
  )
}
