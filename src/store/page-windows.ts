/** One query of a page: the table that knows this stretch of time, newest stretch first. */
export interface PageWindow {
  readonly source: 'live' | 'settled'
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive; infinite where nothing bounds the newest calls (a gate's clock may be ahead of ours). */
  readonly toMs: number
}

interface PageWindowsOptions {
  readonly fromMs: number
  readonly toMs: number
  /** Calls before it are settled. */
  readonly borderMs: number
  readonly nowMs: number
}

/** Half a minute holds a page on a busy installation, and folding more than a page is the expensive part. */
const FIRST_LIVE_MS = 30_000
const FIRST_SETTLED_MS = 3_600_000
const WIDEN = 8

/**
 * Disjoint windows from the newest to the oldest, each 8 times as wide as the one before: busy organisations read little,
 * idle ones need few queries. Live and settled hours are asked apart, a UNION of both took three times as long.
 */
export function* pageWindows({ fromMs, toMs, borderMs, nowMs }: PageWindowsOptions): Generator<PageWindow> {
  yield* widening('live', Math.max(fromMs, borderMs), toMs, FIRST_LIVE_MS, nowMs)
  yield* widening('settled', fromMs, Math.min(toMs, borderMs), FIRST_SETTLED_MS, nowMs)
}

/** Wider than any retention: from there one query takes the rest. */
const WIDEST_MS = 200 * 24 * 3_600_000

function* widening(
  source: PageWindow['source'],
  oldestMs: number,
  newestMs: number,
  firstMs: number,
  nowMs: number,
): Generator<PageWindow> {
  let upper = newestMs
  for (let width = firstMs; upper > oldestMs; width *= WIDEN) {
    const lower = width > WIDEST_MS ? oldestMs : Math.max(oldestMs, Math.min(upper, nowMs) - width)
    yield { source, fromMs: lower, toMs: upper }
    upper = lower
  }
}
