import type { KeyNames } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import type { Group } from './question.ts'

const NO_NAMES = {}

/** Names of keys by their id; asked for only where a key is shown. */
export function useKeyNames(isNeeded: boolean): Readonly<Record<string, string | null>> {
  const { data } = useResource(isNeeded ? 'key names' : null, (signal) =>
    get<KeyNames>('/keys/names', undefined, signal),
  )
  return data?.names ?? NO_NAMES
}

const WITHOUT: Readonly<Record<Group, string>> = {
  model: 'no model known',
  provider: 'no provider known',
  keyId: 'no key',
  endpoint: 'no endpoint known',
}

/** How a group is called. */
export function groupLabel(
  group: Group,
  value: string | null | undefined,
  names: Readonly<Record<string, string | null>>,
): string {
  if (value === null || value === undefined) return WITHOUT[group]
  return group === 'keyId' ? (names[value] ?? value) : value
}
