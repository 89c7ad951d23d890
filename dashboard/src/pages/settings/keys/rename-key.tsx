import { useState } from 'preact/hooks'
import type { ListedKey } from '../../../api/answers.ts'
import { change } from '../../../api/request.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { ReasonField, TextField } from '../../../parts/fields.tsx'
import { useAction } from '../../../parts/use-action.ts'
import { withReason } from '../with-reason.ts'

export function RenameKey({ listed, onClose }: { listed: ListedKey; onClose: () => void }) {
  const [name, setName] = useState(listed.name)
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAction()
  async function rename() {
    const body = withReason({ name: name.trim() }, reason)
    if (await run(() => change('PATCH', `/keys/${listed.id}`, body))) onClose()
  }
  return (
    <Dialog title={`Rename ${listed.name}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void rename()
        }}
      >
        <TextField label="Name" required maxLength={100} value={name} onInput={setName} />
        <ReasonField value={reason} onInput={setReason} />
        <DialogActions error={error} onCancel={onClose}>
          <button
            type="submit"
            class="button primary"
            disabled={isBusy || name.trim() === '' || name.trim() === listed.name}
          >
            Rename
          </button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
