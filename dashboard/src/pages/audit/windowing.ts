/** Rows are drawn in steps of this many, so that most scrolls draw nothing new. */
export const STEP = 16
const MOST_DRAWN = 78

/** Rows from `first` up to, not including, `end`. */
export interface Drawn {
  readonly first: number
  readonly end: number
}

/**
 * The rows to draw of `count` equal ones: what is seen, and about a step on both sides. With the two
 * rows that stand for all others they are 80 at most, unless a screen shows more.
 * @param above pixels of rows that are scrolled out at the top
 */
export function drawnRows({
  count,
  rowHeight,
  above,
  viewHeight,
}: {
  readonly count: number
  readonly rowHeight: number
  readonly above: number
  readonly viewHeight: number
}): Drawn {
  const firstSeen = Math.min(count, Math.max(0, Math.floor(above / rowHeight)))
  const endSeen = Math.min(count, Math.max(0, Math.ceil((above + viewHeight) / rowHeight)))
  const aligned = Math.floor(firstSeen / STEP) * STEP
  const before = endSeen - aligned + STEP > MOST_DRAWN ? 0 : STEP
  const first = Math.max(0, aligned - before)
  const wanted = Math.ceil((endSeen - first) / STEP) * STEP + STEP
  const most = Math.max(MOST_DRAWN, endSeen - first)
  return { first, end: Math.min(count, first + Math.min(wanted, most)) }
}
