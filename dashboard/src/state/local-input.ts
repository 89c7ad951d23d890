import { date, time } from './times.ts'

/** An instant as `<input type="datetime-local">` has it, in `timeZone`. */
export function localInput(ms: number, timeZone: string): string {
  return `${date(ms, timeZone)}T${time(ms, timeZone)}`
}

/**
 * The instant that such an input names in `timeZone`; null where it is empty. Of a time that a clock
 * change skips it is the time after it, of one that comes twice the first.
 */
export function fromLocalInput(text: string, timeZone: string): number | null {
  const wall = Date.parse(`${text}Z`)
  if (Number.isNaN(wall)) return null
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((ms) => offsetMs(ms, timeZone))
  const candidates = offsets.map((offset) => wall - offset)
  const exact = candidates.filter((ms) => offsetMs(ms, timeZone) === wall - ms)
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates)
}

const DAY_MS = 86_400_000

/** How far the zone's clock is ahead of UTC then. */
function offsetMs(ms: number, timeZone: string): number {
  const whole = Math.floor(ms / 1000) * 1000
  return Date.parse(`${localInput(whole, timeZone)}Z`) - whole
}
