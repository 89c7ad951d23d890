import { Choice } from '../../../parts/fields.tsx'
import { type Preferences, prefer, preferences } from '../../../state/preferences.ts'
import { zones } from '../../../state/zone.ts'

const SYSTEM = 'system'

export function PreferencesSection() {
  const { theme, density, timeZone, singleKeys } = preferences.value
  return (
    <div class="preferences">
      <p class="muted intro">Of this browser alone; nothing else of the page is stored in it.</p>
      <label class="field">
        <span>Time zone</span>
        <select
          class="input"
          value={timeZone ?? ''}
          onChange={(event) => prefer({ timeZone: event.currentTarget.value || null })}
        >
          <option value="">
            The browser’s: {new Intl.DateTimeFormat().resolvedOptions().timeZone}
          </option>
          {zones().map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </select>
        <span class="hint">
          Of lists, charts, days and exports. A link with a zone of its own wins on its page.
        </span>
      </label>
      <Choice
        legend="Theme"
        value={theme ?? SYSTEM}
        onChange={(chosen) => prefer({ theme: chosen === SYSTEM ? null : chosen })}
        options={[
          { value: SYSTEM, label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <Choice<Preferences['density']>
        legend="Rows"
        value={density}
        onChange={(chosen) => prefer({ density: chosen })}
        options={[
          { value: 'compact', label: 'Compact', hint: '28 px' },
          { value: 'normal', label: 'Normal', hint: '32 px' },
          { value: 'roomy', label: 'Roomy', hint: '40 px' },
        ]}
      />
      <fieldset class="choice">
        <legend>Keyboard</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => prefer({ singleKeys: event.currentTarget.checked })}
          />
          <span>
            Single keys <kbd>j</kbd> <kbd>/</kbd> <kbd>?</kbd>{' '}
            <span class="small muted">off: only Enter, Escape and arrows act</span>
          </span>
        </label>
      </fieldset>
    </div>
  )
}
