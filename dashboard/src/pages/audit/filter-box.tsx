import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import { completed, completingAt, type Suggestion } from './completion.ts'
import { useSuggestions } from './use-suggestions.ts'

/**
 * Where filters are written: a combobox that completes names and values. What is written counts on
 * Enter, or when the box is left.
 */
export function FilterBox({
  text: given,
  query,
  keyNames,
  onCommit,
}: {
  /** The filters of the URL. */
  text: string
  query: URLSearchParams
  keyNames: Readonly<Record<string, string>>
  onCommit: (text: string, by: 'enter' | 'blur') => void
}) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(given)
  const [caret, setCaret] = useState(given.length)
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const caretToSet = useRef<number | null>(null)
  const committed = useRef(given)
  useEffect(() => {
    committed.current = given
    setText(given)
  }, [given])
  useEffect(() => {
    if (caretToSet.current === null) return
    input.current?.setSelectionRange(caretToSet.current, caretToSet.current)
    caretToSet.current = null
  })

  const completing = isOpen ? completingAt(text, caret) : null
  const suggestions = useSuggestions(completing, { query, keyNames })
  const isShown = isOpen && suggestions.length > 0
  const optionId = (at: number) => `${id}-${at}`

  function commit(by: 'enter' | 'blur') {
    if (by === 'blur' && text === committed.current) return
    committed.current = text
    onCommit(text, by)
  }

  function choose(chosen: Suggestion) {
    if (completing === null) return
    const next = completed(text, completing, chosen)
    caretToSet.current = next.caret
    setText(next.text)
    setCaret(next.caret)
    setActive(-1)
    setOpen(chosen.isOpen)
    input.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent) {
    const chosen = suggestions[active]
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!isShown) return setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      setActive((active + step + suggestions.length) % suggestions.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (isShown && chosen !== undefined) return choose(chosen)
      setOpen(false)
      commit('enter')
    } else if (event.key === 'Tab' && isShown && chosen !== undefined) {
      event.preventDefault()
      choose(chosen)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      if (isShown) return setOpen(false)
      setText(given)
      input.current?.blur()
    }
  }

  return (
    <div class="filter-box">
      <Icon name="list-filter" />
      <input
        ref={input}
        class="input"
        type="text"
        role="combobox"
        aria-label="Filter"
        aria-expanded={isShown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && active >= 0 ? optionId(active) : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        data-filter
        placeholder="model:gpt-4o* -outcome:complete tag:team:search, or any id"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setCaret(event.currentTarget.selectionStart ?? 0)
          setActive(-1)
          setOpen(true)
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false)
          setActive(-1)
          commit('blur')
        }}
      />
      <div
        id={`${id}-list`}
        class="menu fade"
        role="listbox"
        aria-label="Completions"
        hidden={!isShown}
      >
        {suggestions.map((one, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys belong to the box (APG combobox).
          // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant points at it.
          <div
            key={one.text}
            id={optionId(at)}
            role="option"
            aria-selected={at === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(one)}
          >
            <span class="ellipsis">{one.text}</span>
            <span class="small muted ellipsis">{one.hint}</span>
          </div>
        ))}
      </div>
    </div>
  )
}
