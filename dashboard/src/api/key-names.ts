import type { KeyNames } from './answers.ts'
import { get } from './request.ts'
import { useResource } from './resource.ts'

/** Names of keys by their ids; undefined until they are there, and where they are not needed. */
export function useKeyNames(isNeeded = true): KeyNames['names'] | undefined {
  const names = useResource(isNeeded ? 'key names' : null, (signal) =>
    get<KeyNames>('/keys/names', {}, signal),
  )
  return names.data?.names
}
