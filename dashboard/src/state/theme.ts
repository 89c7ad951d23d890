import { prefer, preferences } from './preferences.ts'

/** From the theme that is seen now to the other one. */
export function switchTheme(): void {
  const isDark =
    preferences.value.theme === null
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : preferences.value.theme === 'dark'
  prefer({ theme: isDark ? 'light' : 'dark' })
}
