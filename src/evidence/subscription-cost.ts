import type { CredentialKind } from './credential-kind.ts'
import type { CostStatus } from './usage.ts'

/** Cost reason of a call that a subscription pays for: its cost is the list price. */
export const SUBSCRIPTION_REASON = 'subscription'

interface StatedCost {
  readonly costStatus: CostStatus | null
  readonly costReason: string | null
}

/**
 * The cost of a call by what pays for it. Pricing does not see the credential, and prices may be
 * made again years later: the doubt belongs to the record. It concerns the whole amount, so that it
 * stands before any other; what has no price keeps its reason. The view does the same
 * (store/views/01_calls_folded.sql).
 */
export function costUnder(credential: CredentialKind | null, cost: StatedCost): StatedCost {
  const isPriced = cost.costStatus === 'exact' || cost.costStatus === 'estimated'
  return credential === 'subscription' && isPriced
    ? { costStatus: 'estimated', costReason: SUBSCRIPTION_REASON }
    : cost
}
