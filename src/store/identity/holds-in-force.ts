import { storedFilter } from '../calls/stored-filter.ts'
import type { HoldInForce } from '../evidence/held-calls.ts'
import type { HoldRow } from './identity-rows.ts'

/** Of one organisation. */
export function holdsInForce(rows: readonly HoldRow[], org: string): readonly HoldInForce[] {
  return rows.filter((row) => row.org === org && row.releasedAt === null).map(toHoldInForce)
}

/** What is not understood holds everything: a hold must not keep less than was ordered. */
export function toHoldInForce({ id, filter, conditions }: HoldRow): HoldInForce {
  return { id, filter: filter === null || conditions === null ? null : storedFilter(conditions) }
}
