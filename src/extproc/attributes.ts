import { readMapEntry, readStruct } from './messages.ts'

/** Envoy's name for an answer that came from the provider; anything else it made itself. */
const FROM_PROVIDER = 'via_upstream'

/**
 * True when Envoy's attributes say that it answered in the provider's place (connection refused,
 * broken off, timed out). `entry`: of `ProcessingRequest.attributes`, which holds one struct under
 * the filter's name.
 */
export function isMadeByEnvoy(entry: Uint8Array | null): boolean {
  const details = filterAttributes(entry).get('response.code_details')
  return details !== undefined && details !== FROM_PROVIDER
}

const NONE: ReadonlyMap<string, string> = new Map()

/** The attributes of the filter that are text, by the names under which it asks for them. */
export function filterAttributes(entry: Uint8Array | null): ReadonlyMap<string, string> {
  const value = entry === null ? null : readMapEntry(entry).value
  return value === null ? NONE : readStruct(value)
}
