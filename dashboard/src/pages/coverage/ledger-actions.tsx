import { useState } from 'preact/hooks'
import type { Losses } from '../../api/answers.ts'
import { ApiError, get } from '../../api/request.ts'
import { CopyButton } from '../../parts/copy.tsx'
import { csvText, saveText } from '../../parts/csv.ts'
import { Icon } from '../../parts/icon.tsx'
import { toast } from '../../parts/toasts.tsx'
import { count } from '../../state/numbers.ts'
import { dateTime } from '../../state/times.ts'
import { allLosses } from './all-losses.ts'

interface Span {
  readonly from: string
  readonly to: string
}

/** The ledger to take along: every lost call as CSV, or the request as a command. */
export function LedgerActions({ range, timeZone }: { range: Span; timeZone: string }) {
  const [isBusy, setBusy] = useState(false)
  async function save() {
    setBusy(true)
    try {
      const losses = await allLosses(range, (query) => get<Losses>('/audit/losses', query))
      const rows = losses.map(({ requestId, createdAt, reason }) => [
        requestId,
        createdAt,
        dateTime(Date.parse(createdAt), timeZone, 'ms'),
        reason,
      ])
      const head = ['requestId', 'createdAt (UTC)', `createdAt (${timeZone})`, 'reason']
      saveText(csvText([head, ...rows]), `losses-${range.from}-${range.to}.csv`)
      toast(`${count(losses.length)} lost calls saved`)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      toast(error.message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div class="actions">
      <button type="button" class="button" disabled={isBusy} onClick={() => void save()}>
        <Icon name="download" /> CSV
      </button>
      <CopyButton text={curlOf(range)} what="curl command">
        curl
      </CopyButton>
    </div>
  )
}

/** For a shell; the key comes from its environment. Ids and times need no quoting. */
function curlOf({ from, to }: Span): string {
  const query = new URLSearchParams({ from, to, limit: '1000' })
  return `curl -H "Authorization: Bearer $FLINT_API_KEY" '${location.origin}/v1/audit/losses?${query}'`
}
