/** Places of the top bar, in its order, with the key that goes there after `g`. */
export const PLACES = [
  { path: '/ui/overview', label: 'Overview', key: 'o' },
  { path: '/ui/audit', label: 'Audit', key: 'a' },
  { path: '/ui/coverage', label: 'Coverage', key: 'c' },
  { path: '/ui/activity', label: 'Activity', key: 'e' },
  { path: '/ui/settings/keys', label: 'Settings', key: 's' },
] as const
