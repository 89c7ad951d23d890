import { useState } from 'preact/hooks'
import { change } from '../../../api/request.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { ReasonField } from '../../../parts/fields.tsx'
import { Notice } from '../../../parts/notices.tsx'
import { useAction } from '../../../parts/use-action.ts'
import { useQuery } from '../../../state/url.ts'
import { zoneOf } from '../../../state/zone.ts'
import { CallFilterFields, NO_FILTER, toFilter } from './call-filter.tsx'

/** Filters that take one value; all others take a list. */
const ONE_VALUE = new Set(['from', 'to'])

/** Keeps some calls, or all of them, until it is released. */
export function PlaceHold({ onClose }: { onClose: () => void }) {
  const { query } = useQuery()
  const [text, setText] = useState(NO_FILTER)
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAction()
  const filter = toFilter(text, zoneOf(query))
  const isEverything = Object.keys(filter).length === 0
  async function place() {
    const listed = Object.entries(filter).map(([name, value]) => [
      name,
      ONE_VALUE.has(name) ? value : [value],
    ])
    const body = {
      reason: reason.trim(),
      ...(isEverything ? {} : { filter: Object.fromEntries(listed) }),
    }
    if (await run(() => change('POST', '/holds', body))) onClose()
  }
  return (
    <Dialog title="Place a legal hold" onClose={onClose}>
      <CallFilterFields value={text} onChange={setText} />
      {isEverything && (
        <Notice kind="warn">
          <span>
            With no filter everything of the organisation is kept, calls to come too: nothing can be
            erased until it is released.
          </span>
        </Notice>
      )}
      <ReasonField isRequired value={reason} onInput={setReason} />
      <DialogActions error={error} onCancel={onClose}>
        <button
          type="button"
          class="button primary"
          disabled={isBusy || reason.trim() === ''}
          onClick={() => void place()}
        >
          Place the hold
        </button>
      </DialogActions>
    </Dialog>
  )
}
