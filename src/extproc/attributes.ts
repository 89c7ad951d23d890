import { readMapEntry, readStruct } from './messages.ts'

/** Envoy's name for an answer that came from the provider; anything else it made itself. */
const FROM_PROVIDER = 'via_upstream'

/**
 * True when Envoy's attributes say that it answered in the provider's place (connection refused,
 * broken off, timed out). `entry`: of `ProcessingRequest.attributes`, which holds one struct under
 * the filter's name.
 */
export function isMadeByEnvoy(entry: Uint8Array | null): boolean {
  if (entry === null) return false
  const { value } = readMapEntry(entry)
  const details = value === null ? undefined : readStruct(value).get('response.code_details')
  return details !== undefined && details !== FROM_PROVIDER
}
