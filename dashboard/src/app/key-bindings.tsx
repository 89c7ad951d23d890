import { useLocation } from 'preact-iso'
import { copyText } from '../parts/copy.tsx'
import { exactLinkTo } from '../state/exact-link.ts'
import { nowMs, rangeOf } from '../state/range.ts'
import { switchTheme } from '../state/theme.ts'
import { useQuery } from '../state/url.ts'
import { flipUtc } from '../state/zone.ts'
import { CommandMenu } from './command-menu.tsx'
import { Help, isHelpOpen } from './help.tsx'
import { useKeys } from './keys.ts'
import { PLACES } from './places.ts'

/** Keys that do the same on every page, and their list. */
export function KeyBindings() {
  const { path, route } = useLocation()
  const { query } = useQuery()
  useKeys({
    ...Object.fromEntries(PLACES.map(({ key, path }) => [`g ${key}`, () => route(path)])),
    '/': focusSearch,
    '?': () => {
      isHelpOpen.value = true
    },
    m: switchTheme,
    t: () => rangeMenu()?.click(),
    y: () => {
      // Of a page without a range its address is all; where it was come from is not of the page.
      const hasRange = rangeMenu() !== null
      const range = rangeOf(query, nowMs.value)
      void copyText(hasRange ? exactLinkTo(path, query, range) : location.origin + path, 'link')
    },
    u: flipUtc,
  })
  return (
    <>
      <Help />
      <CommandMenu />
    </>
  )
}

function rangeMenu(): HTMLElement | null {
  return document.querySelector('[data-menu="range"] > button')
}

/** The page's filter, or what finds any id where a page has none. */
function focusSearch(): void {
  const filter = document.querySelector<HTMLElement>('[data-filter]')
  const anyId = document.querySelector<HTMLElement>('[data-find]')
  ;(filter ?? anyId)?.focus()
}
