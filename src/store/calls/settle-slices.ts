/** An hour and how many rows of evidence it holds. */
export interface Hour {
  readonly hourMs: number
  readonly rows: number
}

/** A stretch of time that is folded by one statement. */
export interface Slice {
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

export const HOUR_MS = 3_600_000

/**
 * Cuts hours into stretches of at most about `maxRows` rows: neighbouring quiet hours share a
 * statement (planning the fold costs more than folding a few calls), a busy hour is cut so that its
 * fold fits into memory. No slice crosses a gap.
 */
export function settleSlices(hours: readonly Hour[], maxRows: number): readonly Slice[] {
  const slices: Slice[] = []
  let open: { fromMs: number; toMs: number; rows: number } | null = null
  for (const { hourMs, rows } of hours) {
    if (open !== null && open.toMs === hourMs && open.rows + rows <= maxRows) {
      open = { fromMs: open.fromMs, toMs: hourMs + HOUR_MS, rows: open.rows + rows }
      continue
    }
    if (open !== null) slices.push({ fromMs: open.fromMs, toMs: open.toMs })
    open = null
    if (rows <= maxRows) open = { fromMs: hourMs, toMs: hourMs + HOUR_MS, rows }
    else slices.push(...cut(hourMs, Math.min(3_600, Math.ceil(rows / maxRows))))
  }
  if (open !== null) slices.push({ fromMs: open.fromMs, toMs: open.toMs })
  return slices
}

function cut(hourMs: number, parts: number): readonly Slice[] {
  const at = (part: number) => hourMs + Math.floor((HOUR_MS * part) / parts)
  return Array.from({ length: parts }, (_, part) => ({ fromMs: at(part), toMs: at(part + 1) }))
}
