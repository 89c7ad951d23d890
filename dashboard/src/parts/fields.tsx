import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A labelled text field with a hint below its label. */
export function TextField({
  label,
  hint,
  value,
  onInput,
  ...rest
}: {
  label: string
  hint?: ComponentChildren
  value: string
  onInput: (value: string) => void
  required?: boolean
  maxLength?: number
  placeholder?: string
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <span id={`${id}-hint`} class="hint">
          {hint}
        </span>
      )}
      <input
        {...rest}
        id={id}
        class="input"
        autocomplete="off"
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  )
}

/** A time of the zone that the label names, as `state/local-input.ts` reads and writes it. */
export function TimeField({
  label,
  value,
  onInput,
}: {
  label: string
  value: string
  onInput: (value: string) => void
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="input"
        type="datetime-local"
        step="1"
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}

/** Why something is done; it stands in Activity beside it. */
export function ReasonField({
  value,
  onInput,
  isRequired = false,
}: {
  value: string
  onInput: (value: string) => void
  isRequired?: boolean
}) {
  return (
    <TextField
      label={isRequired ? 'Reason' : 'Reason (optional)'}
      hint="Kept with the change, shown in Activity."
      placeholder="ticket 17"
      maxLength={500}
      required={isRequired}
      value={value}
      onInput={onInput}
    />
  )
}

/** What cannot be undone is confirmed by typing `phrase`. */
export function TypedConfirm({
  phrase,
  value,
  onInput,
}: {
  phrase: string
  value: string
  onInput: (value: string) => void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>
        Type <code class="phrase">{phrase}</code> to confirm
      </label>
      <input
        id={id}
        class="input"
        autocomplete="off"
        spellcheck={false}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  )
}

/** One of a few; `name` joins the radio buttons. */
export function Choice<T extends string>({
  legend,
  options,
  value,
  onChange,
}: {
  legend: string
  options: readonly { readonly value: T; readonly label: string; readonly hint?: string }[]
  value: T
  onChange: (value: T) => void
}) {
  const name = useId()
  const isShort = options.every(({ hint }) => hint === undefined)
  return (
    <fieldset class={isShort ? 'choice row' : 'choice'}>
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} class="check top">
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>
            {option.label}
            {option.hint !== undefined && <span class="small muted hint"> {option.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
