import type { Losses, System } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Loaded, Notice, Skeleton } from '../../parts/notices.tsx'
import { RangePicker } from '../../parts/range-picker.tsx'
import { count } from '../../state/numbers.ts'
import { nowMs, rangeOf, rangeQuery, SPANS } from '../../state/range.ts'
import { dateTime, span } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { zoneOf } from '../../state/zone.ts'
import { coverageSaid } from './coverage-sentence.ts'
import { HeatTable } from './heat-table.tsx'
import { LedgerActions } from './ledger-actions.tsx'
import { LostCalls } from './lost-calls.tsx'
import { MeshCoverage } from './mesh-coverage.tsx'
import { ReasonTexts } from './reason-texts.tsx'
import { isReason } from './reasons.ts'

/** Of the verdict, so that what follows does not move. */
const VERDICT_HEIGHT = 116
const NAMED = '1000'

/** What was let through, and what of it was not wholly observed. */
export default function CoveragePage() {
  const { query } = useQuery()
  const range = rangeOf(query, nowMs.value)
  const timeZone = zoneOf(query)
  const within = rangeQuery(range)
  const losses = useResource(`losses ${within.from} ${within.to}`, (signal) =>
    get<Losses>('/audit/losses', { ...within, limit: NAMED }, signal),
  )
  const asked = query.get('reason')
  const reason = isReason(asked) ? asked : null
  const when =
    range.last === null
      ? `from ${span(range.fromMs, range.toMs, timeZone)}`
      : `in the ${SPANS[range.last].label.toLowerCase()}`
  return (
    <div class="coverage">
      <h1 class="visually-hidden">Coverage</h1>
      <div class="toolbar">
        <RangePicker />
        <div class="end small muted">{span(range.fromMs, range.toMs, timeZone)}</div>
        <LedgerActions range={within} timeZone={timeZone} />
      </div>
      <Loaded resource={losses} skeleton={<Skeleton height={VERDICT_HEIGHT} />}>
        {(ledger) => {
          const { figure, sentence, kind } = coverageSaid(ledger, when)
          return (
            <div class="coverage-parts">
              <section class={`verdict ${kind}`} aria-label="Verdict">
                <p class="figure">{figure}</p>
                <div>
                  <p class="sentence">{sentence}</p>
                  <LogWritten timeZone={timeZone} />
                </div>
              </section>
              {ledger.differing > 0 && (
                <Notice kind="warn">
                  Of {count(ledger.differing)} calls the observer saw another status than Envoy
                  sent. The record has Envoy’s; the evidence of each call shows both.
                </Notice>
              )}
              {ledger.lost > 0 && (
                <>
                  <HeatTable ledger={ledger} reason={reason} timeZone={timeZone} />
                  <LostCalls ledger={ledger} reason={reason} timeZone={timeZone} />
                </>
              )}
            </div>
          )
        }}
      </Loaded>
      <MeshCoverage within={within} timeZone={timeZone} />
      <ReasonTexts />
    </div>
  )
}

/** When Envoy last wrote the log that the ledger is compared with, and what its terms mean. */
function LogWritten({ timeZone }: { timeZone: string }) {
  const { data } = useResource('system', (signal) => get<System>('/system', undefined, signal))
  const at = data?.parts.find(({ part }) => part === 'envoyAccessLog')?.lastActivityAt ?? null
  return (
    <p class="small muted log-written">
      {data !== undefined &&
        (at === null
          ? 'When Envoy last wrote its log is not known here. '
          : `Envoy last wrote its log at ${dateTime(Date.parse(at), timeZone)}. `)}
      Lost: its observation is missing or broke off before the call did. Open: more may still come.
    </p>
  )
}
