import { useEffect, useRef } from 'preact/hooks'
import { preferences } from '../state/preferences.ts'

/** What keys do on a page: `/`, `j`, `Enter`, or two one after the other: `g o`. */
export type Bindings = Readonly<Record<string, () => void>>

const FOLLOWS_WITHIN_MS = 1_000
const WITHOUT_A_CHARACTER = new Set(['Enter', 'Escape', 'ArrowDown', 'ArrowUp'])

/**
 * Single keys as long as the component is there. None acts inside an input or an open dialog, with
 * Ctrl, Alt or Meta, or once the reader switched them off.
 */
export function useKeys(bindings: Bindings): void {
  const latest = useRef(bindings)
  latest.current = bindings
  useEffect(() => {
    let first: { key: string; atMs: number } | null = null
    function onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return
      if (isTyping(event.target)) return
      const { key } = event
      if (!preferences.value.singleKeys && !WITHOUT_A_CHARACTER.has(key)) return
      const isSecond = first !== null && event.timeStamp - first.atMs < FOLLOWS_WITHIN_MS
      const act = (isSecond && latest.current[`${first?.key} ${key}`]) || latest.current[key]
      first = { key, atMs: event.timeStamp }
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (document.querySelector('dialog[open], [popover]:popover-open') !== null) return true
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
