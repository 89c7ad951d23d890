import type { ProviderPrices } from '../provider-prices.ts'

/** `-v1:0`: the revision of a Claude model, whose date says which one it is. */
const REVISION = /-v\d{1,2}(:\d{1,2})?$/
const GEOGRAPHY = /^[a-z-]{2,8}\.(?=anthropic\.)/

/**
 * Tiers (`priority`, `flex`, `reserved`) have no factors: AWS's pages speak of a premium and of a
 * discount and name neither (https://aws.amazon.com/bedrock/service-tiers, read 2026-11-30).
 */
export const prices: ProviderPrices = {
  bookId: 'aws',
  sameModel: claudeNames,
  multipliers: [],
  sharedRates: [],
  fees: [],
  alwaysSearching: null,
}

/**
 * Names by which the book has rows of Claude: with the geography where rates depend on it, without
 * where they do not. Other models' revisions are models of their own
 * (`amazon.titan-embed-text-v2:0`).
 */
function claudeNames(model: string): readonly string[] {
  if (!model.includes('anthropic.')) return []
  const name = model.replace(REVISION, '')
  const isGlobal = name.startsWith('global.')
  return isGlobal
    ? [name]
    : [name, name.replace(GEOGRAPHY, ''), name.replace(GEOGRAPHY, '').replace('anthropic.', '')]
}
