/** Claude costs the same in all regions; what differs, `global.` or not, is in the model's name. */
const SAME_IN_ALL_REGIONS = /(^|\.)anthropic\.|^global\./

export interface AnsweredAs {
  /** As path or answer name it; null where neither does. */
  readonly model: string | null
  /**
   * The path names an application inference profile, whose model only the answer names: in which
   * geography it ran, and so at which rates, is not known.
   */
  readonly isOfProfile: boolean
  /** `optimized` has rates of its own. */
  readonly latency: string | null
}

/**
 * What changes the rates of a call and is not in the price book, by
 * https://aws.amazon.com/bedrock/pricing/ (read 2026-11-30): most models cost more in some regions,
 * and no answer names the region.
 */
export function answerTerms({ model, isOfProfile, latency }: AnsweredAs): readonly string[] {
  return [
    ...(latency === 'optimized' ? ['latency:optimized'] : []),
    ...(isOfProfile ? ['inference_profile:application'] : []),
    ...(isOfProfile || model === null || SAME_IN_ALL_REGIONS.test(model)
      ? []
      : ['region:unreported']),
  ]
}
