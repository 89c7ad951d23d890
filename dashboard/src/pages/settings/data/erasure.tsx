import { useState } from 'preact/hooks'
import { change } from '../../../api/request.ts'
import { me } from '../../../api/session.ts'
import { CopyButton } from '../../../parts/copy.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { ReasonField, TypedConfirm } from '../../../parts/fields.tsx'
import { GuardedButton } from '../../../parts/guarded-button.tsx'
import { Failure, Notice } from '../../../parts/notices.tsx'
import { whyNot } from '../../../parts/role.ts'
import { useAction } from '../../../parts/use-action.ts'
import { count } from '../../../state/numbers.ts'
import { useQuery } from '../../../state/url.ts'
import { zoneOf } from '../../../state/zone.ts'
import { withReason } from '../with-reason.ts'
import { CallFilterFields, NO_FILTER, toFilter } from './call-filter.tsx'

interface DryRun {
  readonly matched: number
  readonly held: number
  /** Sent back with the same filter it erases; null where there is nothing to erase. */
  readonly confirm: string | null
}
interface Receipt {
  readonly erasureId: string
  readonly erased: number
  readonly held: number
}

/** Filter, dry run, typed confirmation, receipt. */
export function Erasure() {
  const { query } = useQuery()
  const [text, setText] = useState(NO_FILTER)
  const [dryRun, setDryRun] = useState<{ filter: Record<string, string>; found: DryRun } | null>(
    null,
  )
  const [receipt, setReceipt] = useState<Receipt | null>(null)
  const { isBusy, error, run } = useAction()
  const filter = toFilter(text, zoneOf(query))
  const why =
    whyNot(me.value, 'admin') ??
    (Object.keys(filter).length === 0
      ? 'Say first which records: by key, tag, hash or time.'
      : null)
  const dryRunNow = () =>
    run(async () => {
      setReceipt(null)
      setDryRun({ filter, found: await change<DryRun>('POST', '/audit/erasures', filter) })
    })
  return (
    <section>
      <h2>Erase records</h2>
      <p class="muted">
        With their prompts, for good. The filters apply together; nothing is erased before you have
        seen how many records they meet. Records under a legal hold stay.
      </p>
      <CallFilterFields value={text} onChange={setText} />
      {error !== undefined && <Failure error={error} />}
      <div class="actions">
        <GuardedButton why={isBusy ? 'It is being counted.' : why} onClick={() => void dryRunNow()}>
          Count the records…
        </GuardedButton>
        {why !== null && <span class="small muted">{why}</span>}
      </div>
      {receipt !== null && <ReceiptNotice receipt={receipt} />}
      {dryRun !== null && (
        <ConfirmErasure
          {...dryRun}
          onClose={() => setDryRun(null)}
          onErased={(erased) => {
            setDryRun(null)
            setReceipt(erased)
            setText(NO_FILTER)
          }}
        />
      )}
    </section>
  )
}

function ReceiptNotice({ receipt: { erasureId, erased, held } }: { receipt: Receipt }) {
  return (
    <Notice>
      <span>
        {count(erased)} records were erased{held > 0 && `, ${count(held)} stay under a legal hold`}.
        Receipt <span class="id">{erasureId}</span>
        <CopyButton text={erasureId} what="receipt" />
      </span>
      <span>
        <a href={`/ui/activity?last=24h&subject=${erasureId}`}>See it in Activity</a>
      </span>
    </Notice>
  )
}

function ConfirmErasure({
  filter,
  found: { matched, held, confirm },
  onClose,
  onErased,
}: {
  filter: Record<string, string>
  found: DryRun
  onClose: () => void
  onErased: (receipt: Receipt) => void
}) {
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAction()
  const toErase = matched - held
  const phrase = `ERASE ${toErase}`
  const erase = () =>
    run(async () => {
      const body = withReason({ ...filter, confirm }, reason)
      onErased(await change<Receipt>('POST', '/audit/erasures', body))
    })
  return (
    <Dialog title={`${count(matched)} records match`} onClose={onClose}>
      <dl class="pairs">
        {Object.entries(filter).map(([name, value]) => (
          <>
            <dt key={name}>{name}</dt>
            <dd class="id">{value}</dd>
          </>
        ))}
        <dt>Under a legal hold</dt>
        <dd>{count(held)}</dd>
      </dl>
      {confirm === null || toErase === 0 ? (
        <p>There is nothing to erase.</p>
      ) : (
        <>
          <Notice kind="warn">
            <span>
              {count(toErase)} records and their prompts will be gone. This cannot be undone.
            </span>
          </Notice>
          <ReasonField value={reason} onInput={setReason} />
          <TypedConfirm phrase={phrase} value={typed} onInput={setTyped} />
        </>
      )}
      <DialogActions error={error} onCancel={onClose}>
        {confirm !== null && toErase > 0 && (
          <button
            type="button"
            class="button danger"
            disabled={isBusy || typed !== phrase}
            onClick={() => void erase()}
          >
            Erase
          </button>
        )}
      </DialogActions>
    </Dialog>
  )
}
