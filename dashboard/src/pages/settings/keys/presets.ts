/** What a key may do, as the API names it. */
export const SCOPES = ['proxy', 'report', 'read', 'prompts', 'events', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export const SCOPE_MEANS: Readonly<Record<Scope, string>> = {
  proxy: 'call providers through Flint',
  report: 'report calls made elsewhere',
  read: 'see records, sums and losses',
  prompts: 'read stored prompts; each read is recorded',
  events: 'see Activity, keys, settings and sessions',
  admin: 'change keys and settings, erase records',
}

interface Preset {
  readonly label: string
  readonly scopes: readonly Scope[]
  readonly hint: string
}

/** The sets of scopes that people ask for by a name. */
export const PRESETS: readonly Preset[] = [
  { label: 'Application', scopes: ['proxy'], hint: 'calls providers, sees nothing' },
  { label: 'Reporter', scopes: ['report'], hint: 'reports calls it made itself' },
  { label: 'Viewer', scopes: ['read'], hint: 'sees records, not prompts' },
  { label: 'Auditor', scopes: ['read', 'events'], hint: 'sees who did what, changes nothing' },
  { label: 'Prompt reader', scopes: ['read', 'prompts'], hint: 'each read is recorded' },
  { label: 'Admin', scopes: ['read', 'admin'], hint: 'changes keys and settings' },
]

/** The preset with exactly these scopes. */
export function presetOf(scopes: readonly string[]): Preset | undefined {
  return PRESETS.find(
    (preset) =>
      preset.scopes.length === scopes.length &&
      preset.scopes.every((scope) => scopes.includes(scope)),
  )
}
