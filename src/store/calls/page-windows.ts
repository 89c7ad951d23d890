/** One query of a page: the table that knows this stretch of time, newest stretch first. */
export interface PageWindow {
  readonly source: 'live' | 'settled'
  /** Inclusive. */
  readonly fromMs: number
  /**
   * Exclusive; infinite where nothing bounds the newest calls (a gate's clock may be ahead
   * of this one).
   */
  readonly toMs: number
}

interface PageWindowsOptions {
  readonly fromMs: number
  readonly toMs: number
  /** Calls before it are settled. */
  readonly borderMs: number
  /** How many calls the first window shall hold. */
  readonly calls: number
  /** When the `calls`-th newest call of the window began; null where the window holds fewer. */
  readonly nthNewest: (window: PageWindow, calls: number) => Promise<number | null>
}

/**
 * A filter that few calls meet is asked of 16 times as many calls each time: five queries reach the
 * millions.
 */
const WIDEN = 16

/**
 * Disjoint windows from the newest to the oldest, sized by the number of calls in them and not by
 * hours: a busy organisation folds little more than its page, and an idle one's whole past is one
 * query. Live and settled hours are asked apart, a UNION of both took three times as long.
 */
export async function* pageWindows({
  fromMs,
  toMs,
  borderMs,
  calls,
  nthNewest,
}: PageWindowsOptions): AsyncGenerator<PageWindow> {
  const sides: readonly PageWindow[] = [
    { source: 'live', fromMs: Math.max(fromMs, borderMs), toMs },
    { source: 'settled', fromMs, toMs: Math.min(toMs, borderMs) },
  ]
  for (const side of sides) {
    let rest = side
    for (let wanted = calls; rest.fromMs < rest.toMs; wanted *= WIDEN) {
      const from = (await nthNewest(rest, wanted)) ?? rest.fromMs
      yield { ...rest, fromMs: from }
      rest = { ...rest, toMs: from }
    }
  }
}
