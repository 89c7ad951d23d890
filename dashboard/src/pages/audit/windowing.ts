/** Rows are drawn in steps of this many, so that most scrolls draw nothing new. */
export const STEP = 16
const MOST_DRAWN = 80

/** Rows from `first` up to, not including, `end`. */
export interface Drawn {
  readonly first: number
  readonly end: number
}

/**
 * The rows to draw of `count` equal ones: what is seen, and about a step on both sides.
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
  const firstSeen = Math.max(0, Math.floor(above / rowHeight))
  const endSeen = Math.max(0, Math.ceil((above + viewHeight) / rowHeight))
  const first = Math.max(0, Math.floor(Math.min(firstSeen, count) / STEP) * STEP - STEP)
  const end = Math.min(count, Math.ceil(endSeen / STEP) * STEP + STEP, first + MOST_DRAWN)
  return { first: Math.min(first, end), end }
}
