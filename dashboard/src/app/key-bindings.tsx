import { useLocation } from 'preact-iso'
import { switchTheme } from '../state/theme.ts'
import { flipUtc } from '../state/zone.ts'
import { CommandMenu } from './command-menu.tsx'
import { Help, isHelpOpen } from './help.tsx'
import { useKeys } from './keys.ts'
import { PLACES } from './places.ts'

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
  return (
    <>
      <Help />
      <CommandMenu />
    </>
  )
}

/** The page's filter, or what finds any id where a page has none. */
function focusSearch(): void {
  const filter = document.querySelector<HTMLElement>('[data-filter]')
  const anyId = document.querySelector<HTMLElement>('[data-find]')
  ;(filter ?? anyId)?.focus()
}
