/** Dates are ISO, times of 24 hours, both in the zone of the page. */
const formats = new Map<string, Intl.DateTimeFormat>()

function partsOf(ms: number, timeZone: string): Record<string, string> {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
    })
    formats.set(timeZone, format)
  }
  return Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]))
}

/** `2026-05-04` */
export function date(ms: number, timeZone: string): string {
  const { year, month, day } = partsOf(ms, timeZone)
  return `${year}-${month}-${day}`
}

/** `14:22`, `14:22:07`, `14:22:07.123` */
export function time(ms: number, timeZone: string, to: 'min' | 's' | 'ms' = 's'): string {
  const { hour, minute, second, fractionalSecond } = partsOf(ms, timeZone)
  if (to === 'min') return `${hour}:${minute}`
  return `${hour}:${minute}:${second}${to === 'ms' ? `.${fractionalSecond}` : ''}`
}

/** `2026-05-04 14:22:07` */
export function dateTime(ms: number, timeZone: string, to: 'min' | 's' | 'ms' = 's'): string {
  return `${date(ms, timeZone)} ${time(ms, timeZone, to)}`
}

/** Both ends, always; the date once where it is one day. */
export function span(fromMs: number, toMs: number, timeZone: string): string {
  const end =
    date(fromMs, timeZone) === date(toMs, timeZone)
      ? time(toMs, timeZone, 'min')
      : dateTime(toMs, timeZone, 'min')
  return `${dateTime(fromMs, timeZone, 'min')} – ${end} ${timeZone}`
}

/** `2 s ago`, `5 min ago`, `3 h ago`, `4 days ago`: only beside the exact time. */
export function ago(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} days ago`
}
