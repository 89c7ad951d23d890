import { useState } from 'preact/hooks'
import { change } from '../../../api/request.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { Choice, ReasonField, TextField } from '../../../parts/fields.tsx'
import { useAction } from '../../../parts/use-action.ts'
import { refreshNow } from '../../../state/range.ts'
import { withReason } from '../with-reason.ts'
import { EXPIRIES, type Expiry, expiresAt } from './expiry.ts'
import { type MadeKey, NewKey } from './new-key.tsx'
import { PRESETS, SCOPE_MEANS, SCOPES, type Scope } from './presets.ts'

const CUSTOM = 'Other scopes'

/** Asks what a key is for, makes it, shows it once. */
export function CreateKey({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<MadeKey | null>(null)
  const [name, setName] = useState('')
  const [preset, setPreset] = useState<string>('Application')
  const [chosen, setChosen] = useState<readonly Scope[]>([])
  const [expiry, setExpiry] = useState<Expiry>('never')
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAction()

  if (made !== null) return <NewKey made={made} title={`Key ${made.name}`} onClose={onClose} />
  const scopes = PRESETS.find(({ label }) => label === preset)?.scopes ?? chosen
  const create = () =>
    run(async () => {
      const body = { name: name.trim(), scopes, expiresAt: expiresAt(expiry, Date.now()) }
      setMade(await change<MadeKey>('POST', '/keys', withReason(body, reason)))
      refreshNow()
    })
  return (
    <Dialog title="Create key" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <TextField
          label="Name"
          hint="For people: the application or the person."
          placeholder="search-service"
          required
          maxLength={100}
          value={name}
          onInput={setName}
        />
        <Choice
          legend="For"
          value={preset}
          onChange={setPreset}
          options={[
            ...PRESETS.map(({ label, scopes: of, hint }) => ({
              value: label,
              label,
              hint: `${of.join(' ')} · ${hint}`,
            })),
            { value: CUSTOM, label: CUSTOM },
          ]}
        />
        {preset === CUSTOM && <ScopeChoice chosen={chosen} onChange={setChosen} />}
        <Choice legend="Expires" value={expiry} onChange={setExpiry} options={EXPIRIES} />
        <ReasonField value={reason} onInput={setReason} />
        <DialogActions error={error} onCancel={onClose}>
          <button
            type="submit"
            class="button primary"
            disabled={isBusy || name.trim() === '' || scopes.length === 0}
          >
            Create key
          </button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

function ScopeChoice({
  chosen,
  onChange,
}: {
  chosen: readonly Scope[]
  onChange: (chosen: readonly Scope[]) => void
}) {
  return (
    <fieldset class="choice">
      <legend>Scopes</legend>
      {SCOPES.map((scope) => (
        <label key={scope} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(scope)}
            onChange={({ currentTarget }) =>
              onChange(
                SCOPES.filter((one) =>
                  one === scope ? currentTarget.checked : chosen.includes(one),
                ),
              )
            }
          />
          <span>
            <code>{scope}</code> <span class="small muted">{SCOPE_MEANS[scope]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
