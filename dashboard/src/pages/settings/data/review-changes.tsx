import { useState } from 'preact/hooks'
import type { Settings } from '../../../api/answers.ts'
import { ApiError, change, get } from '../../../api/request.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { ReasonField, TypedConfirm } from '../../../parts/fields.tsx'
import { Notice } from '../../../parts/notices.tsx'
import { useAction } from '../../../parts/use-action.ts'
import { withReason } from '../with-reason.ts'
import { ChangeEffects } from './change-effects.tsx'
import {
  changesOf,
  confirmPhrase,
  type Draft,
  partOf,
  SETTING_LABELS,
  settingText,
} from './settings-changes.ts'

/**
 * What is about to change, what that does, and why it is done. When the settings have changed
 * meanwhile it shows the version in force beside the draft; nothing that was entered is lost.
 */
export function ReviewChanges({
  settings,
  draft,
  onClose,
  onChanged,
}: {
  /** The settings that the draft was made against. */
  settings: Settings
  draft: Draft
  onClose: () => void
  onChanged: () => void
}) {
  const [inForce, setInForce] = useState(settings)
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const { isBusy, error, run } = useAction()
  const isMeanwhile = inForce.revision !== settings.revision
  const names = changesOf(inForce, draft)
  const shown = isMeanwhile ? changesOf(settings, draft) : names
  const phrase = confirmPhrase(inForce, draft)
  const needsReason = draft.promptCapture !== undefined

  const store = () =>
    run(async () => {
      const body = { ...partOf(draft, names), revision: inForce.revision }
      try {
        await change<Settings>('PATCH', '/settings', withReason(body, reason))
      } catch (failure) {
        if (!(failure instanceof ApiError) || failure.reason !== 'changed_meanwhile') throw failure
        setInForce(await get<Settings>('/settings'))
        setTyped('')
        return
      }
      onChanged()
    })
  return (
    <Dialog title={titleOf(draft)} onClose={onClose}>
      {isMeanwhile && (
        <Notice kind="warn">
          <span>
            The settings were changed by someone else meanwhile. Nothing was stored; what you
            entered is below, beside what is in force now.
          </span>
        </Notice>
      )}
      <table class="table">
        <caption class="visually-hidden">Changes</caption>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            {isMeanwhile && <th scope="col">When you began</th>}
            <th scope="col">{isMeanwhile ? 'In force now' : 'Now'}</th>
            <th scope="col">{isMeanwhile ? 'Yours' : 'Then'}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((name) => (
            <tr key={name}>
              <th scope="row">{SETTING_LABELS[name]}</th>
              {isMeanwhile && <td class="muted">{settingText(name, settings[name])}</td>}
              <td>{settingText(name, inForce[name])}</td>
              <td>
                <b>{settingText(name, draft[name])}</b>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ChangeEffects settings={inForce} draft={draft} />
      <ReasonField value={reason} onInput={setReason} isRequired={needsReason} />
      {phrase !== null && <TypedConfirm phrase={phrase} value={typed} onInput={setTyped} />}
      <DialogActions
        error={error}
        cancel={isMeanwhile ? 'Leave what is in force' : 'Cancel'}
        onCancel={isMeanwhile ? onChanged : onClose}
      >
        <button
          type="button"
          class="button primary"
          disabled={
            isBusy ||
            names.length === 0 ||
            (needsReason && reason.trim() === '') ||
            (phrase !== null && typed !== phrase)
          }
          onClick={() => void store()}
        >
          {isMeanwhile ? 'Change to yours' : titleOf(draft)}
        </button>
      </DialogActions>
    </Dialog>
  )
}

function titleOf(draft: Draft): string {
  if (draft.promptCapture !== undefined)
    return `Switch prompt capture ${draft.promptCapture ? 'on' : 'off'}`
  return 'Change settings'
}
