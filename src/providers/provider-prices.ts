/**
 * What one provider bills beside the rates of the price book. Each row names its source and when it
 * was read (`YYYY-MM-DD`).
 */
export interface ProviderPrices {
  /** The provider's id in the data of genai-prices; null where no one publishes its prices. */
  readonly bookId: string | null
  /**
   * Other names of a model; a row of the book that has one of them is the model's own, not that of
   * a model whose name begins alike.
   */
  readonly sameModel?: (model: string) => readonly string[]
  readonly multipliers: readonly Multiplier[]
  readonly sharedRates: readonly SharedRates[]
  readonly fees: readonly Fee[]
  /** Models that search the web with every call and report it nowhere: their fee is never known. */
  readonly alwaysSearching: RegExp | null
}

/** Rates of the book and nothing beside them. */
export function bookPrices(bookId: string | null): ProviderPrices {
  return { bookId, multipliers: [], sharedRates: [], fees: [], alwaysSearching: null }
}

/** What a term makes of a model's token rates. */
export interface Multiplier {
  /**
   * `tier:<service tier>`, `speed:<speed>` or `inference_geo:<geo>`, as the provider's answer names
   * it.
   */
  readonly term: string
  /** Null for every model of the provider. */
  readonly models: RegExp | null
  readonly factor: Factor
  readonly source: string
  readonly date: string
  /** The source does not say whether cached tokens change as well. */
  readonly cachedUnreported: boolean
}

/** A factor as a fraction, so that money stays whole. */
export interface Factor {
  readonly times: bigint
  readonly over: bigint
}

/** Kinds of tokens that a model bills at the rate of the whole they are part of. */
export interface SharedRates {
  readonly models: RegExp
  /** Models among them that have rates by modality; null where none has. */
  readonly except: RegExp | null
  /** Keys that the price book has no rate for, because the rate of the whole is theirs as well. */
  readonly keys: readonly string[]
  readonly source: string
  readonly date: string
}

/**
 * What a use of a hosted tool costs beside the tokens, where the price book does not say it, or not
 * all of it.
 */
export interface Fee {
  readonly models: RegExp
  /** As a component of a call names it. */
  readonly key: string
  /** Dollars per thousand; null where the book's rate holds. */
  readonly usdPerThousand: number | null
  /** Why the fee is not sure though it is counted; null where it is. */
  readonly doubt: 'fee_allowance' | 'unpriced_fee' | null
  readonly source: string
  readonly date: string
}
