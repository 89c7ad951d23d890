import type { Provider } from './evidence.ts'

/**
 * What a provider may be called: its name stands in public paths, in names of Envoy's routes and
 * clusters, in variables of the environment and in a column. `api` is the route of Flint's own.
 */
const pattern = /^(?!api$)[a-z][a-z0-9-]{0,31}$/
export const PROVIDER_NAME = pattern.source

/** For stored rows: one may name a provider that is configured no more. */
export function isProviderName(value: unknown): value is Provider {
  return typeof value === 'string' && pattern.test(value)
}
