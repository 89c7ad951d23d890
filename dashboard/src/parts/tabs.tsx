import type { ComponentChildren } from 'preact'

/** Tabs over one panel; arrows go from one to the next, as everywhere. */
export function Tabs<N extends string>({
  label,
  panel,
  tabs,
  value,
  onChange,
}: {
  label: string
  /** Id of the `TabPanel`. */
  panel: string
  tabs: readonly { readonly name: N; readonly label: string }[]
  value: N
  onChange: (name: N) => void
}) {
  const at = tabs.findIndex(({ name }) => name === value)
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        const next = step === undefined ? undefined : tabs.at((at + step) % tabs.length)
        if (next === undefined) return
        event.preventDefault()
        onChange(next.name)
        const button = event.currentTarget.children[tabs.indexOf(next)]
        if (button instanceof HTMLElement) button.focus()
      }}
    >
      {tabs.map(({ name, label: text }) => (
        <button
          key={name}
          type="button"
          role="tab"
          class="tab"
          aria-selected={name === value}
          aria-controls={panel}
          tabIndex={name === value ? 0 : -1}
          onClick={() => onChange(name)}
        >
          {text}
        </button>
      ))}
    </div>
  )
}

export function TabPanel({
  id,
  label,
  children,
}: {
  id: string
  label: string
  children: ComponentChildren
}) {
  return (
    <div id={id} role="tabpanel" aria-label={label}>
      {children}
    </div>
  )
}
