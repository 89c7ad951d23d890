import type { RecordPart } from '../../api/answers.ts'

/** New rows in a second above which they only are counted. */
const MOST_A_SECOND = 20
const MOST_HELD = 500
const WINDOW_MS = 5_000

/** Records that came live and are not in the list yet. */
export interface Waiting {
  readonly held: ReadonlyMap<string, RecordPart>
  /** Not held any more: the list must be read again to have them all. */
  readonly dropped: number
  /** When records came, within the last seconds. */
  readonly arrivalsMs: readonly number[]
}

export const NOTHING_WAITS: Waiting = { held: new Map(), dropped: 0, arrivalsMs: [] }

/** New records a second, over the last seconds. */
function rateOf({ arrivalsMs }: Waiting, nowMs: number): number {
  const recent = arrivalsMs.filter((ms) => nowMs - ms < WINDOW_MS)
  return recent.length / (WINDOW_MS / 1_000)
}

export const waitingCount = ({ held, dropped }: Waiting) => held.size + dropped

/** A record that came; one that waits already is replaced, which is no arrival. */
export function withArrival(waiting: Waiting, record: RecordPart, nowMs: number): Waiting {
  const isKnown = waiting.held.has(record.requestId)
  const isFull = waiting.held.size >= MOST_HELD && !isKnown
  return {
    held: isFull ? waiting.held : new Map(waiting.held).set(record.requestId, record),
    dropped: waiting.dropped + (isFull ? 1 : 0),
    arrivalsMs: isKnown
      ? waiting.arrivalsMs
      : [...waiting.arrivalsMs.filter((ms) => nowMs - ms < WINDOW_MS), nowMs],
  }
}

/** Records that the feed left out. */
export function withSkipped(waiting: Waiting, records: number): Waiting {
  return { ...waiting, dropped: waiting.dropped + records }
}

export function withoutErased(waiting: Waiting, requestId: string): Waiting {
  if (!waiting.held.has(requestId)) return waiting
  const held = new Map(waiting.held)
  held.delete(requestId)
  return { ...waiting, held }
}

/** What still waits once the list has been read again. */
export function withoutListed(waiting: Waiting, records: readonly RecordPart[]): Waiting {
  const held = new Map(waiting.held)
  for (const { requestId } of records) held.delete(requestId)
  return { ...waiting, held, dropped: 0 }
}

/** Whether what waits may enter by itself: the reader is at nothing that it would move. */
export function mayEnter(
  waiting: Waiting,
  {
    isCalm,
    nowMs,
  }: {
    /** At the top of the newest rows, with nothing focused, hovered, selected or open. */
    readonly isCalm: boolean
    readonly nowMs: number
  },
): boolean {
  return isCalm && waiting.dropped === 0 && rateOf(waiting, nowMs) <= MOST_A_SECOND
}

/** What the pill says; null where nothing waits. */
export function pillText(waiting: Waiting, nowMs: number): string | null {
  const count = waitingCount(waiting)
  const rate = rateOf(waiting, nowMs)
  if (count === 0) return null
  return rate > MOST_A_SECOND ? `${Math.round(rate)} new a second` : `${count} new`
}
