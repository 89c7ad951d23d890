import type { Losses } from '../../api/answers.ts'
import { CopyButton } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { count } from '../../state/numbers.ts'
import { dateTime } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { type LossReason, REASON_NAMES, REASONS } from './reasons.ts'

/** The lost calls by id, all or of one reason. */
export function LostCalls({
  ledger,
  reason,
  timeZone,
}: {
  ledger: Losses
  reason: LossReason | null
  timeZone: string
}) {
  const { push } = useQuery()
  const shown = ledger.losses.filter((loss) => reason === null || loss.reason === reason)
  return (
    <section class="card lost-calls" id="lost" aria-label="Lost calls">
      <header>
        <h2>Lost calls</h2>
        <span class="small muted">
          {ledger.losses.length < ledger.lost
            ? `the newest ${count(ledger.losses.length)} of ${count(ledger.lost)}; a shorter range or the CSV has the others`
            : `${count(shown.length)}, newest first`}
        </span>
        <label class="end small">
          Reason{' '}
          <select
            class="input"
            value={reason ?? ''}
            onChange={(event) => push({ reason: event.currentTarget.value || null })}
          >
            <option value="">all</option>
            {REASON_NAMES.map((name) => (
              <option key={name} value={name}>
                {REASONS[name].name}
              </option>
            ))}
          </select>
        </label>
      </header>
      {shown.length === 0 ? (
        <p class="empty">No lost call of this range has this reason.</p>
      ) : (
        <table class="table">
          <caption class="visually-hidden">Lost calls, times in {timeZone}</caption>
          <thead>
            <tr>
              <th>Time, {timeZone}</th>
              <th>Id</th>
              <th>Reason</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ requestId, createdAt, reason: why }) => (
              <tr key={requestId}>
                <td>{dateTime(Date.parse(createdAt), timeZone, 'ms')}</td>
                <td>
                  <a class="id" href={`/ui/audit/${requestId}`}>
                    {requestId}
                  </a>
                  <CopyButton text={requestId} what="id" />
                </td>
                <td title={REASONS[why].means}>
                  <span class="bad">
                    <Icon name="circle-alert" />
                  </span>{' '}
                  {REASONS[why].name}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
