import { useState } from 'preact/hooks'
import type { AuditRecord } from '../../api/answers.ts'
import { change } from '../../api/request.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { DialogActions } from '../../parts/dialog-actions.tsx'
import { Failure } from '../../parts/notices.tsx'
import { useAction } from '../../parts/use-action.ts'

const TYPED = 'ERASE'
const MAX_REASON = 500

/** Asks why, and to type what it is, before a record and its text are erased for good. */
export function EraseDialog({
  record,
  onErased,
  onClose,
}: {
  record: Pick<AuditRecord, 'requestId'>
  /** With the receipt's id. */
  onErased: (erasureId: string) => void
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const { isBusy, error, run } = useAction()
  const isSure = typed === TYPED && reason.trim() !== ''

  const erase = () =>
    run(async () => {
      const path = `/audit/${encodeURIComponent(record.requestId)}`
      const query = { reason: reason.trim() }
      const { erasureId } = await change<{ erasureId: string }>('DELETE', path, {}, query)
      onErased(erasureId)
    })

  return (
    <Dialog title="Erase this call" onClose={onClose}>
      <p>
        Record, prompt and answer go for good: no one sees them from now on, and they are off the
        disks within about ten minutes. An event with your reason is the receipt.
      </p>
      {error !== undefined && <Failure error={error} />}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isSure) void erase()
        }}
      >
        <label class="field">
          <span>Reason, kept in the receipt</span>
          <input
            class="input"
            required
            maxLength={MAX_REASON}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>
            Type {TYPED} to erase <span class="id">{record.requestId}</span>
          </span>
          <input
            class="input"
            required
            autocomplete="off"
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <DialogActions onCancel={onClose}>
          <button type="submit" class="button danger" disabled={!isSure || isBusy}>
            Erase for good
          </button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
