import { useState } from 'preact/hooks'
import type { ListedKey } from '../../../api/answers.ts'
import { change } from '../../../api/request.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { Choice, ReasonField } from '../../../parts/fields.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { useAction } from '../../../parts/use-action.ts'
import { withReason } from '../with-reason.ts'
import { EXPIRIES, type Expiry, expiresAt } from './expiry.ts'
import { type MadeKey, NewKey } from './new-key.tsx'

/** How long the old key stays good, in seconds. */
const OVERLAPS = [
  { value: '0', label: 'Not at all', hint: 'the old key ends at once' },
  { value: '3600', label: 'An hour' },
  { value: '86400', label: 'A day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
] as const

/** A new key in place of one, which stays good for a while. */
export function RotateKey({ listed, onClose }: { listed: ListedKey; onClose: () => void }) {
  const [made, setMade] = useState<{ key: MadeKey; oldEndsAt: string } | null>(null)
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('86400')
  const [expiry, setExpiry] = useState<Expiry>('never')
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAction()

  if (made !== null)
    return (
      <NewKey
        made={made.key}
        title={`New key of ${listed.name}`}
        note={
          <>
            The old key <span class="id">{listed.hint}</span> is good until{' '}
            <Moment at={made.oldEndsAt} />.
          </>
        }
        onClose={onClose}
      />
    )
  const rotate = () =>
    run(async () => {
      const nowMs = Date.now()
      const body = { overlapSeconds: Number(overlap), expiresAt: expiresAt(expiry, nowMs) }
      const key = await change<MadeKey>(
        'POST',
        `/keys/${listed.id}/rotate`,
        withReason(body, reason),
      )
      setMade({ key, oldEndsAt: oldEnd(listed, nowMs + body.overlapSeconds * 1000) })
    })
  return (
    <Dialog title={`Rotate ${listed.name}`} onClose={onClose}>
      <p class="muted">
        A new key with the same name and scopes (<code>{listed.scopes.join(' ')}</code>).
      </p>
      <Choice
        legend="The old key stays good for"
        value={overlap}
        onChange={setOverlap}
        options={OVERLAPS}
      />
      <Choice legend="The new key expires" value={expiry} onChange={setExpiry} options={EXPIRIES} />
      <ReasonField value={reason} onInput={setReason} />
      <DialogActions error={error} onCancel={onClose}>
        <button
          type="button"
          class="button primary"
          disabled={isBusy}
          onClick={() => void rotate()}
        >
          Rotate
        </button>
      </DialogActions>
    </Dialog>
  )
}

/** One that expires sooner keeps its time. */
function oldEnd({ expiresAt: expiry }: ListedKey, overlapEndMs: number): string {
  const endMs = expiry === null ? overlapEndMs : Math.min(overlapEndMs, Date.parse(expiry))
  return new Date(endMs).toISOString()
}
