import { useEffect } from 'preact/hooks'
import type { Page, RecordPart } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Icon } from '../../parts/icon.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Failure } from '../../parts/notices.tsx'
import { cost, count, duration, UNKNOWN } from '../../state/numbers.ts'
import { refusal } from './refusals.ts'

const ASK_EVERY_MS = 2_000
const FIELDS =
  'requestId,createdAt,provider,model,requestModel,endpoint,status,outcome,errorCode,inputTokens,outputTokens,costUsd,costStatus,latencyMs'

/** "Waiting for the first call…", until it is there; then the newest one, and what was wrong with it. */
export function NewestCall() {
  const { data, error, retry } = useResource('newest call', async (signal) => {
    const { records } = await get<Page>('/audit', { limit: 1, fields: FIELDS }, signal)
    return { newest: (records[0] as RecordPart | undefined) ?? null }
  })
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) retry()
    }, ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  const newest = data?.newest ?? null
  const wrong = newest === null ? null : refusal(newest)
  return (
    <section class="panel newest-call" aria-labelledby="newest-call">
      <h2 id="newest-call">3. Make the call</h2>
      {error !== undefined && <Failure error={error} />}
      <div class="stack">
        {newest === null ? (
          <>
            <p class="waiting" role="status">
              <Icon name="clock" /> Waiting for the first call…
            </p>
            <p class="small muted">
              Nothing arrives and the answer was 401 <code>invalid_api_key</code>? Then the Flint
              key was not one of this organisation: such a call leaves no record.
            </p>
          </>
        ) : (
          <>
            <p>
              <span role="status" class={wrong === null ? 'good' : 'bad'}>
                <Icon name={wrong === null ? 'check' : 'circle-alert'} />{' '}
                {wrong === null ? 'It is here.' : 'A call was refused.'}
              </span>{' '}
              <span class="muted">
                The newest call, <Moment at={newest.createdAt} />; this follows the next ones.
              </span>
            </p>
            {wrong !== null && (
              <p>
                {wrong} <code>{newest.errorCode}</code>
              </p>
            )}
            <Call record={newest} />
            <p class="actions">
              <a class="button" href={`/ui/audit/${newest.requestId}`}>
                Open this call
              </a>
              <a class="button" href="/ui/audit">
                All calls
              </a>
              <a class="button" href="/ui/overview">
                Overview
              </a>
            </p>
          </>
        )}
      </div>
    </section>
  )
}

function Call({ record }: { record: RecordPart }) {
  const { provider, model, requestModel, endpoint, status, latencyMs } = record
  return (
    <dl class="pairs">
      <dt>Call</dt>
      <dd>
        {provider} · {model ?? requestModel ?? UNKNOWN} · {endpoint ?? UNKNOWN}
      </dd>
      <dt>Answer</dt>
      <dd>
        {status ?? UNKNOWN}
        {latencyMs != null && ` · ${duration(latencyMs)}`}
      </dd>
      {record.errorCode == null && <UsageAndCost record={record} />}
    </dl>
  )
}

function UsageAndCost({ record }: { record: RecordPart }) {
  const { inputTokens, outputTokens, costUsd, costStatus } = record
  return (
    <>
      <dt>Tokens in / out</dt>
      <dd title={inputTokens === null ? 'The answer did not say' : undefined}>
        {count(inputTokens)} / {count(outputTokens)}
      </dd>
      <dt>Cost, $</dt>
      <dd title={costUsd === null ? 'No amount is known' : undefined}>
        {costUsd !== null && costStatus === 'estimated' && '~'}
        {cost(costUsd)}
      </dd>
    </>
  )
}
