import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Icon } from './icon.tsx'

const GAP = 4
const EDGE = 8

/**
 * A button that opens what floats below it: a `menu` (buttons and links of role menuitem, walked
 * with arrows) or a `dialog` with any content. Escape and a click elsewhere close it.
 */
export function Menu({
  label,
  name,
  role = 'menu',
  quiet = false,
  onOpen,
  children,
}: {
  label: ComponentChildren
  /** Accessible name, where the label shows only a value. */
  name?: string
  role?: 'menu' | 'dialog'
  quiet?: boolean
  onOpen?: () => void
  children: (close: () => void) => ComponentChildren
}) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  const close = () => box.current?.hidePopover()

  useLayoutEffect(() => {
    if (!isOpen || button.current === null || box.current === null) return
    const below = button.current.getBoundingClientRect()
    const { width, height } = box.current.getBoundingClientRect()
    const left = Math.max(EDGE, Math.min(below.left, innerWidth - width - EDGE))
    const fitsBelow = below.bottom + GAP + height <= innerHeight
    box.current.style.left = `${left}px`
    box.current.style.top = `${fitsBelow ? below.bottom + GAP : Math.max(EDGE, below.top - GAP - height)}px`
    if (role === 'menu') items(box.current)[0]?.focus()
    else box.current.querySelector<HTMLElement>('input, select, button, a')?.focus()
  }, [isOpen, role])

  return (
    <>
      <button
        ref={button}
        type="button"
        class={`button${quiet ? ' quiet' : ''}`}
        aria-haspopup={role}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={name}
        popovertarget={id}
      >
        {label}
        <Icon name="chevron-down" />
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its role is given. */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: menu and dialog have a name. */}
      <div
        ref={box}
        id={id}
        class="menu fade"
        popover="auto"
        role={role}
        aria-label={name ?? (typeof label === 'string' ? label : undefined)}
        onToggle={(event) => {
          const opened = event.newState === 'open'
          setOpen(opened)
          if (opened) onOpen?.()
          else if (box.current?.contains(document.activeElement)) button.current?.focus()
        }}
        onKeyDown={walk}
      >
        {isOpen && children(close)}
      </div>
    </>
  )
}

/** One choice of a menu. */
export function MenuItem({
  onClick,
  isChosen,
  disabled = null,
  children,
}: {
  onClick: () => void
  /** Of a choice of one among several. */
  isChosen?: boolean
  /** Why it cannot be chosen. */
  disabled?: string | null
  children: ComponentChildren
}) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: undefined where the role is menuitem.
    <button
      type="button"
      role={isChosen === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={isChosen}
      aria-disabled={disabled !== null}
      title={disabled ?? undefined}
      tabIndex={-1}
      onClick={disabled === null ? onClick : undefined}
    >
      {isChosen === true && <Icon name="check" />}
      <span>{children}</span>
    </button>
  )
}

function items(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
}

/** Arrows go from choice to choice; beside them, as in an input, they do what they always do. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const all = items(event.currentTarget)
  const at = all.indexOf(document.activeElement as HTMLElement)
  if (at === -1) return
  const next = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: all.length - 1,
  }[event.key]
  if (next === undefined) return
  event.preventDefault()
  all.at(next % all.length)?.focus()
}
