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
    '/': () => document.querySelector<HTMLElement>('[data-filter], [data-find]')?.focus(),
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
