import type { Provider } from '../evidence/evidence.ts'
import { definitionOf } from '../providers/registry.ts'

/**
 * Whether the rate of the whole is surely the rate of this part as well, where the part has none of
 * its own.
 */
export function isSharedRate(provider: Provider, model: string, key: string): boolean {
  return definitionOf(provider).prices.sharedRates.some(
    ({ keys, models, except }) => keys.includes(key) && models.test(model) && !except?.test(model),
  )
}
