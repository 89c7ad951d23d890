import { useState } from 'preact/hooks'
import type { ListedKey } from '../../../api/answers.ts'
import { type ApiError, change } from '../../../api/request.ts'
import { me, refreshSession } from '../../../api/session.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { ReasonField, TypedConfirm } from '../../../parts/fields.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Failure, Notice } from '../../../parts/notices.tsx'
import { useAction } from '../../../parts/use-action.ts'

/** Ends a key for good: shows whether it is still used, and asks for its name. */
export function RevokeKey({ listed, onClose }: { listed: ListedKey; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAction()
  const isOwn = listed.id === me.value?.keyId
  async function revoke() {
    const given = reason.trim()
    const query = given === '' ? {} : { reason: given }
    if (!(await run(() => change('DELETE', `/keys/${listed.id}`, {}, query)))) return
    if (isOwn) await refreshSession()
    onClose()
  }
  return (
    <Dialog title={`Revoke ${listed.name}`} onClose={onClose}>
      <p>
        {listed.lastUsedAt === null ? (
          'It was never used.'
        ) : (
          <>
            Last used <Moment at={listed.lastUsedAt} />;{' '}
            <a href={`/ui/audit?last=30d&keyId=${listed.id}`}>its calls of 30 days</a> show who uses
            it.
          </>
        )}{' '}
        Revoked, it is refused within seconds, and cannot be taken back.
      </p>
      {isOwn && (
        <Notice kind="warn">
          <span>This is the key you are signed in with: you will be signed out.</span>
        </Notice>
      )}
      <ReasonField value={reason} onInput={setReason} />
      <TypedConfirm phrase={listed.name} value={typed} onInput={setTyped} />
      {error !== undefined && <Refused error={error} />}
      <DialogActions onCancel={onClose}>
        <button
          type="button"
          class="button danger"
          disabled={isBusy || typed.trim() !== listed.name.trim()}
          onClick={() => void revoke()}
        >
          Revoke
        </button>
      </DialogActions>
    </Dialog>
  )
}

function Refused({ error }: { error: ApiError }) {
  if (error.reason !== 'last_admin_key') return <Failure error={error} />
  return (
    <Notice kind="bad">
      <span>
        This is the last key with the scope <code>admin</code>: without it no key could be made any
        more. Create another admin key first, then revoke this one.
      </span>
    </Notice>
  )
}
