import { signal } from '@preact/signals'
import { me } from '../../api/session.ts'

export const MIN_REASON = 8
export const MAX_REASON = 500
const KEPT = 3

/** Reasons of this session, newest first: in memory, until the page is left or signed out. */
export const reasonsGiven = signal<readonly string[]>([])

export function rememberReason(reason: string): void {
  const others = reasonsGiven.value.filter((given) => given !== reason)
  reasonsGiven.value = [reason, ...others].slice(0, KEPT)
}

me.subscribe((who) => {
  if (who === undefined) reasonsGiven.value = []
})
