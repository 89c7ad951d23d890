import { useState } from 'preact/hooks'
import type { Hold } from '../../../api/answers.ts'
import { change } from '../../../api/request.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { ReasonField } from '../../../parts/fields.tsx'
import { Notice } from '../../../parts/notices.tsx'
import { useAction } from '../../../parts/use-action.ts'

export function ReleaseHold({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAction()
  async function release() {
    const query = { reason: reason.trim() }
    if (await run(() => change('DELETE', `/holds/${hold.id}`, {}, query))) onClose()
  }
  return (
    <Dialog title="Release this hold" onClose={onClose}>
      <p>“{hold.reason}”</p>
      <Notice kind="warn">
        <span>What only this hold keeps past its time is deleted, and cannot come back.</span>
      </Notice>
      <ReasonField isRequired value={reason} onInput={setReason} />
      <DialogActions error={error} onCancel={onClose}>
        <button
          type="button"
          class="button danger"
          disabled={isBusy || reason.trim() === ''}
          onClick={() => void release()}
        >
          Release
        </button>
      </DialogActions>
    </Dialog>
  )
}
