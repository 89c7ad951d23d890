import { useLocation } from 'preact-iso'
import { prefer, preferences } from '../state/preferences.ts'
import { Help, isHelpOpen } from './help.tsx'
import { useKeys } from './keys.ts'
import { PLACES } from './pages.ts'
import { switchTheme } from './top-bar.tsx'

/** Keys that do the same on every page, and their list. */
export function KeyBindings() {
  const { route } = useLocation()
  useKeys({
    ...Object.fromEntries(PLACES.map(({ key, path }) => [`g ${key}`, () => route(path)])),
    '/': focusSearch,
    '?': () => {
      isHelpOpen.value = true
    },
    m: switchTheme,
    u: flipUtc,
  })
  return <Help />
}

/** The page's filter, or what finds any id where a page has none. */
function focusSearch(): void {
  const filter = document.querySelector<HTMLElement>('[data-filter]')
  const anyId = document.querySelector<HTMLElement>('[data-key="/"]')
  ;(filter ?? anyId)?.focus()
}

/** Between UTC and the browser's zone. */
function flipUtc(): void {
  prefer({ timeZone: preferences.value.timeZone === 'UTC' ? null : 'UTC' })
}
