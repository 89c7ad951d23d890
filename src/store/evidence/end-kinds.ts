import { ACCESS_LOG_KINDS } from '../../evidence/evidence.ts'

/**
 * Lists of kinds for `kind IN ${...}`. Access log rows of earlier builds have another kind than new
 * ones (evidence.ts), so each list is here alone; `views/01_calls_folded.sql` has its own.
 */
const list = (kinds: readonly string[]) => `(${kinds.map((kind) => `'${kind}'`).join(', ')})`

/** Rows from Envoy's JSON log. */
export const ACCESS_LOG_ROWS = list(ACCESS_LOG_KINDS)
/** Rows that say how a call ended, from either of Envoy's logs. */
export const END_ROWS = list(['closing', ...ACCESS_LOG_KINDS])
