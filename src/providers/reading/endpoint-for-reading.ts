import { endpointOf } from '../endpoints.ts'
import type { ProviderDefinition } from '../provider.ts'

/** Longer paths are no one's endpoint. */
const MAX_ENDPOINT_LENGTH = 2_048
const ESCAPE = /%[0-9a-f]{2}/gi

/**
 * The path that a provider's server may understand a path as: escapes undone, slashes merged,
 * letters in lower case where that makes it an endpoint. Only for finding out how to read the call;
 * the record and the provider keep the path as it was sent.
 */
export function endpointForReading(
  provider: ProviderDefinition | undefined,
  method: string,
  endpoint: string,
): string {
  if (endpointOf(provider, method, endpoint).known || endpoint.length > MAX_ENDPOINT_LENGTH)
    return endpoint
  const plain = endpoint.replace(ESCAPE, unescaped).replace(/\/{2,16}/g, '/')
  const candidates = [plain, plain.toLowerCase()]
  return candidates.find((candidate) => endpointOf(provider, method, candidate).known) ?? endpoint
}

function unescaped(written: string): string {
  const code = Number.parseInt(written.slice(1), 16)
  return code > 0x20 && code < 0x7f ? String.fromCharCode(code) : written
}
