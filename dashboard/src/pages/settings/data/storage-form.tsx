import { useState } from 'preact/hooks'
import type { Settings } from '../../../api/answers.ts'
import { me } from '../../../api/session.ts'
import { Choice } from '../../../parts/fields.tsx'
import { whyNot } from '../../../parts/role.ts'
import { changesOf, type Draft, daysFault, partOf, withDraft } from './settings-changes.ts'

/** How long things are kept, what is taken out of them, hashes, and reasons for reading. */
export function StorageForm({
  settings,
  onReview,
}: {
  settings: Settings
  onReview: (draft: Draft) => void
}) {
  const [draft, setDraft] = useState<Draft>({})
  const why = whyNot(me.value, 'admin')
  const shown = withDraft(settings, draft)
  const names = changesOf(settings, shown)
  const fault = names.length === 0 ? null : daysFault(shown)
  const edit = (edited: Draft) => setDraft({ ...draft, ...edited })
  return (
    <section>
      <h2>How it is kept</h2>
      <form
        class="storage"
        onSubmit={(event) => {
          event.preventDefault()
          if (names.length > 0 && fault === null) onReview(partOf(shown, names))
        }}
      >
        <fieldset disabled={why !== null} title={why ?? undefined}>
          <legend class="visually-hidden">How it is kept</legend>
          <div class="days">
            <Days
              label="Keep records"
              value={shown.retentionDays}
              least={7}
              onInput={(retentionDays) => edit({ retentionDays })}
            />
            <Days
              label="Keep prompts"
              value={shown.contentRetentionDays}
              least={1}
              onInput={(contentRetentionDays) => edit({ contentRetentionDays })}
            />
          </div>
          <label class="check">
            <input
              type="checkbox"
              checked={shown.redactStoredContent}
              onChange={(event) => edit({ redactStoredContent: event.currentTarget.checked })}
            />
            <span>
              Take key-shaped secrets out{' '}
              <span class="small muted">
                of previews and stored text; the hash is of the prompt as it was
              </span>
            </span>
          </label>
          <Choice
            legend="Prompt hash"
            value={shown.promptHashMode}
            onChange={(promptHashMode) => edit({ promptHashMode })}
            options={[
              {
                value: 'sha256',
                label: 'SHA-256',
                hint: 'can be compared with hashes made elsewhere; a guessed prompt can be tried out',
              },
              {
                value: 'hmac',
                label: 'HMAC-SHA-256',
                hint: 'under a secret of the organisation: no one can try out a guess',
              },
            ]}
          />
          <Choice
            legend="Reason for reading a prompt"
            value={shown.promptReadReason}
            onChange={(promptReadReason) => edit({ promptReadReason })}
            options={[
              { value: 'optional', label: 'Optional' },
              {
                value: 'required',
                label: 'Required',
                hint: 'no prompt or attachment is read without one, through the API either',
              },
            ]}
          />
        </fieldset>
        {fault !== null && <p class="error-text">{fault}</p>}
        <div class="actions">
          <button
            type="submit"
            class="button primary"
            disabled={why !== null || names.length === 0 || fault !== null}
          >
            {names.length === 0
              ? 'No changes'
              : `Review ${names.length} ${names.length === 1 ? 'change' : 'changes'}…`}
          </button>
          {names.length > 0 && (
            <button type="button" class="button quiet" onClick={() => setDraft({})}>
              Discard
            </button>
          )}
          {why !== null && <span class="small muted">{why}</span>}
        </div>
      </form>
    </section>
  )
}

function Days({
  label,
  value,
  least,
  onInput,
}: {
  label: string
  value: number
  least: number
  onInput: (days: number) => void
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <span class="unit">
        <input
          class="input"
          type="number"
          min={least}
          max={3650}
          step={1}
          value={Number.isNaN(value) ? '' : value}
          onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
        />
        days
      </span>
    </label>
  )
}
