import { prefer, preferences } from './preferences.ts'

const BROWSERS = new Intl.DateTimeFormat().resolvedOptions().timeZone

/** The zone of a page: a link's `tz` wins over the reader's. */
export function zoneOf(query: URLSearchParams): string {
  const linked = query.get('tz')
  if (linked !== null && isZone(linked)) return linked
  return preferences.value.timeZone ?? BROWSERS
}

/** Whether the link, and not the reader, has chosen a zone that the reader has not. */
export function isOfLink(query: URLSearchParams): boolean {
  const linked = query.get('tz')
  return linked === zoneOf(query) && linked !== (preferences.value.timeZone ?? BROWSERS)
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** UTC, the browser's, then all others that it knows. */
export function zones(): readonly string[] {
  return [...new Set(['UTC', BROWSERS, ...Intl.supportedValuesOf('timeZone')])]
}

/** Between UTC and the browser's zone. */
export function flipUtc(): void {
  prefer({ timeZone: preferences.value.timeZone === 'UTC' ? null : 'UTC' })
}
