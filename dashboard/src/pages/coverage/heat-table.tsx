import { useState } from 'preact/hooks'
import type { Losses } from '../../api/answers.ts'
import { count, coverage } from '../../state/numbers.ts'
import { dateTime } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { type LossReason, REASON_NAMES, REASONS } from './reasons.ts'

const SHOWN = 48
const LEVELS = 4

/** Hours with losses by reason: a cell leads to its calls. */
export function HeatTable({
  ledger,
  reason,
  timeZone,
}: {
  ledger: Losses
  reason: LossReason | null
  timeZone: string
}) {
  const { href } = useQuery()
  const [isWhole, setWhole] = useState(false)
  const { windows } = ledger
  const most = Math.max(LEVELS, ...windows.flatMap(({ reasons }) => Object.values(reasons)))
  const shown = isWhole ? windows : windows.slice(0, SHOWN)
  const callsOf = (from: string, to: string, of: LossReason | null) => {
    // A window's hour may begin before the range and end after it.
    const start = from < ledger.from ? ledger.from : from
    const end = to > ledger.to ? ledger.to : to
    return `${href({ from: start, to: end, last: null, reason: of })}#lost`
  }
  return (
    <section class="card" aria-label="Losses by hour and reason">
      <header>
        <h2>Losses by hour and reason</h2>
        <span class="small muted">
          {windows.length === 1
            ? '1 hour with losses'
            : `${count(windows.length)} hours with losses, newest first`}
        </span>
      </header>
      <div class="scroll-x">
        <table class="table heat">
          <caption class="visually-hidden">Lost calls by hour, times in {timeZone}</caption>
          <thead>
            <tr>
              <th>Hour, {timeZone}</th>
              <th class="number">Calls</th>
              <th class="number">Coverage</th>
              <th class="number">Lost</th>
              {REASON_NAMES.map((name) => (
                <th key={name} class="number" aria-current={reason === name ? true : undefined}>
                  {REASONS[name].name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ from, to, calls, lost, reasons }) => (
              <tr key={from}>
                <th scope="row">{dateTime(Date.parse(from), timeZone, 'min')}</th>
                <td class="number">{count(calls)}</td>
                <td class="number" title="Of this hour's calls, the open ones among them.">
                  {coverage((calls - lost) / calls)}
                </td>
                <td class="number">
                  <a href={callsOf(from, to, null)}>{count(lost)}</a>
                </td>
                {REASON_NAMES.map((name) => {
                  const value = reasons[name]
                  return (
                    <td
                      key={name}
                      class="number heat-cell"
                      data-level={value === 0 ? undefined : Math.ceil((value / most) * LEVELS)}
                    >
                      {value === 0 ? (
                        <span class="muted">0</span>
                      ) : (
                        <a href={callsOf(from, to, name)}>{count(value)}</a>
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < windows.length && (
        <button type="button" class="button" onClick={() => setWhole(true)}>
          Show all {count(windows.length)} hours
        </button>
      )}
    </section>
  )
}
