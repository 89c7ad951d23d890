import { useKeyNames } from '../../../api/key-names.ts'
import { TextField, TimeField } from '../../../parts/fields.tsx'
import { fromLocalInput } from '../../../state/local-input.ts'
import { useQuery } from '../../../state/url.ts'
import { zoneOf } from '../../../state/zone.ts'

/** Which calls are meant, as it was typed; empty fields mean nothing. */
export interface CallFilterText {
  readonly keyId: string
  readonly tag: string
  readonly promptHash: string
  /** As `<input type="datetime-local">` has it. */
  readonly from: string
  readonly to: string
}
export const NO_FILTER: CallFilterText = { keyId: '', tag: '', promptHash: '', from: '', to: '' }

/** As the API takes it: only what was filled in, times in UTC. */
export function toFilter(text: CallFilterText, timeZone: string): Record<string, string> {
  const filter: Record<string, string> = {}
  for (const name of ['keyId', 'tag', 'promptHash'] as const) {
    const value = text[name].trim()
    if (value !== '') filter[name] = value
  }
  for (const name of ['from', 'to'] as const) {
    const ms = fromLocalInput(text[name], timeZone)
    if (ms !== null) filter[name] = new Date(ms).toISOString()
  }
  return filter
}

/** Key, tag, hash and time of calls. */
export function CallFilterFields({
  value,
  onChange,
}: {
  value: CallFilterText
  onChange: (value: CallFilterText) => void
}) {
  const { query } = useQuery()
  const timeZone = zoneOf(query)
  const names = useKeyNames() ?? {}
  const edit = (name: keyof CallFilterText) => (text: string) =>
    onChange({ ...value, [name]: text })
  return (
    <div class="filter-fields">
      <label class="field">
        <span>Flint key</span>
        <select
          class="input"
          value={value.keyId}
          onChange={(event) => edit('keyId')(event.currentTarget.value)}
        >
          <option value="">Any</option>
          {Object.entries(names).map(([id, name]) => (
            <option key={id} value={id}>
              {name} ({id})
            </option>
          ))}
        </select>
      </label>
      <TextField label="Tag" placeholder="name:value" value={value.tag} onInput={edit('tag')} />
      <TextField
        label="Prompt hash"
        placeholder="as in the record"
        value={value.promptHash}
        onInput={edit('promptHash')}
      />
      <TimeField label={`From, ${timeZone}`} value={value.from} onInput={edit('from')} />
      <TimeField label={`To, ${timeZone}`} value={value.to} onInput={edit('to')} />
    </div>
  )
}
