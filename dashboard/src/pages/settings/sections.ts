/** Sections of Settings, in their order, by the last part of their path. */
export const SECTIONS = [
  { name: 'keys', label: 'API Keys' },
  { name: 'data', label: 'Data & Privacy' },
  { name: 'workloads', label: 'Workloads' },
  { name: 'sessions', label: 'Sessions' },
  { name: 'system', label: 'System' },
  { name: 'preferences', label: 'Preferences' },
] as const
export type SectionName = (typeof SECTIONS)[number]['name']
