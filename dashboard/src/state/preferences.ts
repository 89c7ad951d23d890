import { effect, signal } from '@preact/signals'

/** Of this browser; nothing else of the page is stored in it. */
export interface Preferences {
  /** null: as the system has it. */
  readonly theme: 'light' | 'dark' | null
  readonly density: 'compact' | 'normal' | 'roomy'
  /** IANA name; null: the browser's. */
  readonly timeZone: string | null
  /** Keys without Ctrl or Alt do something (WCAG 2.1.4). */
  readonly singleKeys: boolean
}

/** public/theme.js reads it as well. */
const NAME = 'flint'
const DEFAULTS: Preferences = { theme: null, density: 'normal', timeZone: 'UTC', singleKeys: true }

export const preferences = signal<Preferences>(stored())

export function prefer(changes: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...changes }
  try {
    localStorage.setItem(NAME, JSON.stringify(preferences.value))
  } catch {
    // A browser that stores nothing forgets them with the page.
  }
}

/** Lets the document follow theme and density from now on. */
export function followPreferences(): void {
  effect(() => {
    const { theme, density } = preferences.value
    const { dataset } = document.documentElement
    if (theme === null) delete dataset['theme']
    else dataset['theme'] = theme
    dataset['density'] = density
  })
}

function stored(): Preferences {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(NAME) ?? '{}')
    return { ...DEFAULTS, ...(typeof read === 'object' ? read : {}) }
  } catch {
    return DEFAULTS
  }
}
