import type { AuditRecord, Evidence } from '../../api/answers.ts'
import { count, UNKNOWN } from '../../state/numbers.ts'
import { SourceMark } from './marks.tsx'
import { costReasonSays, whyUnknown } from './reasons.ts'
import { type UsageRow, usageRows } from './usage-rows.ts'

/** As in the list, and as many more as the smallest part needs. */
const MIN_PLACES = 6
const MAX_PLACES = 12
const RATE = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 6 })

/** What was used, at which rate, and what it came to. */
export function UsageTable({
  record,
  evidence,
}: {
  record: AuditRecord
  evidence: Evidence | undefined
}) {
  const { costUsd, totalTokens } = record
  const rows = usageRows(record, evidence?.price)
  const kinds = new Set(evidence?.rows.map(({ kind }) => kind))
  const places = placesOf([costUsd, ...rows.map(({ usd }) => usd)])
  const mark = (field: keyof AuditRecord) => {
    const kind = evidence?.from[field] ?? null
    return kind !== null && <SourceMark kind={kind} />
  }
  return (
    <>
      <table class="table plain">
        <caption class="visually-hidden">Tokens, rates and cost of this call</caption>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col" class="number">
              Tokens
            </th>
            <th scope="col" class="number">
              $ / M
            </th>
            <th scope="col" class="number">
              $
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label} class={row.isPart ? 'part' : undefined}>
              <th scope="row">{row.isPart ? `of it ${row.label}` : row.label}</th>
              <td class="number">
                {row.tokens === null ? (
                  <span title={whyUnknown('totalTokens', record, kinds)}>{UNKNOWN}</span>
                ) : (
                  `${count(row.tokens)}${row.isFee ? ' calls' : ''}`
                )}
              </td>
              <td class="number">{rateOf(row)}</td>
              <td class="number">{row.isPart ? null : <Amount usd={row.usd} places={places} />}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td class="number">
              {mark('totalTokens')}{' '}
              {totalTokens === null ? (
                <span title={whyUnknown('totalTokens', record, kinds)}>{UNKNOWN}</span>
              ) : (
                count(totalTokens)
              )}
            </td>
            <td />
            <td class="number">
              {mark('costUsd')}{' '}
              {costUsd === null ? (
                <span title={whyUnknown('costUsd', record, kinds)}>{UNKNOWN}</span>
              ) : (
                `${record.costStatus === 'estimated' ? '~' : ''}${costUsd.toFixed(places)}`
              )}
            </td>
          </tr>
        </tfoot>
      </table>
      <CostNote record={record} price={evidence?.price ?? null} />
    </>
  )
}

function Amount({ usd, places }: { usd: number | null; places: number }) {
  if (usd !== null) return <>{usd.toFixed(places)}</>
  return <span title="The price is not known part by part.">{UNKNOWN}</span>
}

function rateOf({ isPart, isFee, usdPerMillion }: UsageRow): string | null {
  if (isPart) return null
  if (usdPerMillion === null) return UNKNOWN
  // Of hosted tools a thousand calls have a price, not a million.
  return isFee ? `${RATE.format(usdPerMillion / 1000)} / 1,000` : RATE.format(usdPerMillion)
}

function CostNote({ record, price }: { record: AuditRecord; price: Evidence['price'] }) {
  const { costStatus, costReason, costUsd } = record
  const terms = price?.terms ?? []
  if (costStatus === null)
    return <p class="note">{whyUnknown('costUsd', record, new Set(['observation']))}</p>
  return (
    <p class="note">
      <span class={`badge ${costStatus === 'exact' ? '' : 'warn'}`}>{costStatus}</span>{' '}
      {costReason !== null && `${sentence(costReasonSays(costReason))} `}
      {terms.length > 0 && `With ${terms.join(', ')}. `}
      {price !== null && costUsd !== null && price.components === null && (
        <>This price cannot be taken apart into rates here. </>
      )}
    </p>
  )
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function placesOf(amounts: readonly (number | null)[]): number {
  const needed = amounts.map((usd) => {
    if (usd === null) return 0
    const text = usd.toFixed(MAX_PLACES).replace(/0+$/, '')
    return text.length - text.indexOf('.') - 1
  })
  return Math.max(MIN_PLACES, ...needed)
}
