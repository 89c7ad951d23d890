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
    '/': () => document.querySelector<HTMLElement>('[data-filter], [data-key="/"]')?.focus(),
    '?': () => {
      isHelpOpen.value = true
    },
    m: switchTheme,
    u: flipUtc,
  })
  return <Help />
}

/** Between UTC and the browser's zone. */
function flipUtc(): void {
  prefer({ timeZone: preferences.value.timeZone === 'UTC' ? null : 'UTC' })
}
