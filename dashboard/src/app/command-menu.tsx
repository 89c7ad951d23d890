import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { Dialog } from '../parts/dialog.tsx'
import { COMMANDS, type Command, commandsOfOrganisation, matching } from './commands.ts'

const SHOWN = 12

/** Ctrl+K or ⌘K: every page, action, view, key and model by its name (a combobox of the APG). */
export function CommandMenu() {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return
      event.preventDefault()
      setOpen((open) => !open)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  if (!isOpen) return null
  return (
    <Dialog title="Go to, or do" onClose={() => setOpen(false)}>
      <Commands onDone={() => setOpen(false)} />
    </Dialog>
  )
}

function Commands({ onDone }: { onDone: () => void }) {
  const { route } = useLocation()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const [ofOrganisation, setOfOrganisation] = useState<readonly Command[]>([])
  useEffect(() => {
    input.current?.focus()
    void commandsOfOrganisation().then(setOfOrganisation)
  }, [])

  const found = matching([...COMMANDS, ...ofOrganisation], text, SHOWN)
  const chosen = Math.min(active, found.length - 1)
  function run(command: Command | undefined) {
    if (command === undefined) return
    onDone()
    if ('href' in command) route(command.href)
    else command.act()
  }
  return (
    <>
      <input
        ref={input}
        class="input"
        role="combobox"
        aria-label="Page, action, view, key or model"
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setActive(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') run(found[chosen])
          else if (event.key === 'ArrowDown') setActive((chosen + 1) % found.length)
          else if (event.key === 'ArrowUp') setActive((chosen - 1 + found.length) % found.length)
          else return
          event.preventDefault()
        }}
      />
      <div id={id} role="listbox" aria-label="Found" class="options">
        {found.map((command, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the combobox's.
          <div
            key={`${command.kind} ${command.label}`}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === chosen}
            tabIndex={-1}
            onClick={() => run(command)}
          >
            <span class="ellipsis">{command.label}</span>
            <span class="small muted end">{command.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="muted">Nothing has this name.</p>}
    </>
  )
}
