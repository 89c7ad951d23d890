/**
 * How cost reasons of earlier builds began that have a new name since: `untold_split` is
 * `unreported_split` now, `untold_cache_rate` is `unreported_cache_rate`. No other reason begins
 * so.
 */
const EARLIER_REASON_PREFIX = 'untold_'
const REASON_PREFIX = 'unreported_'

/** A cost reason as this build names it; rows are never changed, so names are mapped on read. */
export function currentCostReason(reason: string | null): string | null {
  return reason?.startsWith(EARLIER_REASON_PREFIX)
    ? REASON_PREFIX + reason.slice(EARLIER_REASON_PREFIX.length)
    : reason
}
