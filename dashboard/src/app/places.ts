/** Places of the top bar, in its order, with the key that goes there after `g`. */
export const PLACES = [
  { path: '/ui/overview', label: 'Overview', key: 'o' },
  { path: '/ui/audit', label: 'Audit', key: 'a' },
  { path: '/ui/coverage', label: 'Coverage', key: 'c' },
  { path: '/ui/activity', label: 'Activity', key: 'e' },
  { path: '/ui/settings/keys', label: 'Settings', key: 's' },
] as const

export const SETTINGS_SECTIONS = [
  { path: '/ui/settings/keys', label: 'API Keys' },
  { path: '/ui/settings/data', label: 'Data & Privacy' },
  { path: '/ui/settings/sessions', label: 'Sessions' },
  { path: '/ui/settings/system', label: 'System' },
  { path: '/ui/settings/preferences', label: 'Preferences' },
] as const
