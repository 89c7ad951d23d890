import { variableName } from '../../src/config/environment.ts'
import { PROVIDER_DEFINITIONS } from '../../src/providers/registry.ts'

/** Settings under which every definition that Flint ships is a provider at this origin. */
export function upstreamsAt(origin: string): Record<string, string> {
  return Object.fromEntries(
    PROVIDER_DEFINITIONS.map(({ name }) => [variableName(['providers', name, 'upstream']), origin]),
  )
}
