import type { SUBSCRIPTION_REASON } from '../evidence/subscription-cost.ts'

/** Why there is no price. */
export type UnpricedReason =
  /** The provider reported no numbers. */
  | 'no_usage'
  /** Neither request nor answer names a model. */
  | 'no_model'
  /** The price book does not have the model. */
  | 'unknown_model'
  /** The model has no rate for what was counted. */
  | 'unknown_bucket'
  /** Input or output was not reported, as when a stream was cut. */
  | 'unknown_input'
  | 'unknown_output'
  /** Parts that are larger than their whole. */
  | 'contradicting_usage'
  /** Billed by the hour besides, which no answer reports. */
  | 'storage_not_metered'

/** Why a price is an estimate. */
export type EstimateReason =
  /** The tokens were counted here. */
  | 'estimated_usage'
  /** The answer was cut: its last numbers, or what was counted of it. */
  | 'partial_usage'
  /** A service tier whose rates are not published. */
  | 'unknown_tier'
  /** Another term that changes the rates. */
  | 'unknown_term'
  /**
   * Cached tokens of a tier whose source has the rates of the others only: multiplied like them.
   */
  | 'unreported_cache_rate'
  | 'unknown_endpoint'
  /**
   * Capacity that was bought before paid for the call, and not its tokens: the cost is their list
   * price.
   */
  | 'provisioned_throughput'
  /** Some tokens have two special rates at once, and how many is not reported. */
  | 'unreported_split'
  /**
   * The price book has no row of this model, only of one whose name begins alike: priced by that.
   */
  | 'similar_model'
  /**
   * The usage counts something that Flint does not read; it is in the raw usage, and not in the
   * cost.
   */
  | 'unread_usage'
  /**
   * A kind of token that was counted (cached, audio, image, …) has no rate of its own: priced as
   * what it is part of.
   */
  | 'missing_rate'
  /**
   * A sum of calls or steps, of which some may have been long enough for other rates: priced as
   * short ones.
   */
  | 'unknown_prompt_length'
  /**
   * A hosted tool ran whose fee is not reported, or has no known rate: not in the cost, or not all
   * of it.
   */
  | 'unpriced_fee'
  /** A fee at its list price, though part of it may be within the provider's free allowance. */
  | 'fee_allowance'
  /** The model has a rate for something that Flint does not count. */
  | 'uncounted_rate'

/** The last is no doubt about the price: it says that no one is billed for this call alone. */
export type CostReason = UnpricedReason | EstimateReason | typeof SUBSCRIPTION_REASON
