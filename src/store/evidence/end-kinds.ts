import { ACCESS_LOG_KINDS } from '../../evidence/evidence.ts'

/**
 * `kind IN ${...}`: the lists of kinds for SQL, each in one place, because rows of earlier builds
 * have another kind than new ones (evidence.ts). `views/01_calls_folded.sql` has its own.
 */
const list = (kinds: readonly string[]) => `(${kinds.map((kind) => `'${kind}'`).join(', ')})`

/** Rows from Envoy's JSON log. */
export const ACCESS_LOG_ROWS = list(ACCESS_LOG_KINDS)
/** Rows that say how a call ended, from either of Envoy's logs. */
export const END_ROWS = list(['closing', ...ACCESS_LOG_KINDS])
