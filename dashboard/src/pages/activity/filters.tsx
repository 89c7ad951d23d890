import { useState } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import { useQuery } from '../../state/url.ts'
import { ACTIONS, actionLabel } from './deeds.ts'
import { isPreset, PRESETS } from './presets.ts'

/** Presets, one action, who did it, what it happened to: all of them are in the URL. */
export function Filters({ names }: { names: Readonly<Record<string, string>> }) {
  const { query, push } = useQuery()
  const actions = query.getAll('action')
  return (
    <>
      <fieldset class="presets">
        <legend class="visually-hidden">Presets</legend>
        {PRESETS.map((preset) => (
          <button
            key={preset.label}
            type="button"
            class="button"
            aria-pressed={isPreset(preset, actions)}
            onClick={() => push({ action: isPreset(preset, actions) ? null : preset.actions })}
          >
            {preset.label}
          </button>
        ))}
      </fieldset>
      <select
        class="input"
        aria-label="Action"
        value={actions.length === 1 ? actions[0] : actions.length > 1 ? 'several' : ''}
        onChange={({ currentTarget }) => push({ action: currentTarget.value || null })}
      >
        <option value="">Any action</option>
        {actions.length > 1 && (
          <option value="several" disabled>
            Several actions
          </option>
        )}
        {ACTIONS.map((action) => (
          <option key={action} value={action}>
            {actionLabel(action)}
          </option>
        ))}
      </select>
      <select
        class="input"
        aria-label="Who"
        value={query.get('actor') ?? ''}
        onChange={({ currentTarget }) => push({ actor: currentTarget.value || null })}
      >
        <option value="">Anyone</option>
        {Object.entries(actorsOf(names, query.get('actor'))).map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <Subject key={query.get('subject')} value={query.get('subject') ?? ''} />
    </>
  )
}

/** Keys by name, then actors that are no keys; one that a link names is among them. */
function actorsOf(names: Readonly<Record<string, string>>, chosen: string | null) {
  const others = { operator: 'the operator', cli: 'on the machine', flint: 'Flint' }
  return {
    ...names,
    ...others,
    ...(chosen !== null && !(chosen in names) && !(chosen in others) ? { [chosen]: chosen } : {}),
  }
}

function Subject({ value }: { value: string }) {
  const { push } = useQuery()
  const [text, setText] = useState(value)
  const commit = () => {
    if (text.trim() !== value) push({ subject: text.trim() || null })
  }
  return (
    <span class="chip-input">
      <input
        class="input"
        aria-label="Id of what it happened to"
        placeholder="To: id of a key, call, hold…"
        data-filter
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit()
        }}
      />
      {value !== '' && (
        <button
          type="button"
          class="button quiet"
          aria-label="Remove the id"
          onClick={() => push({ subject: null })}
        >
          <Icon name="x" />
        </button>
      )}
    </span>
  )
}
