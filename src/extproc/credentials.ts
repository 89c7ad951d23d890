import type { Provider } from '../evidence/evidence.ts'

/**
 * The provider key's one stop inside Flint: it is read from the caller's request and put where the provider expects it.
 * It is never part of any row, log line or error text; only `keyHint` leaves this file.
 */

/** The four places where a key may stand besides x-provider-key, as the caller sent them; '' when absent. */
export interface KeyPlaces {
  providerKey: string
  authorization: string
  xApiKey: string
  xGoogApiKey: string
  /** Value of `?key=`, percent-decoded. */
  queryKey: string
}

const isFlintKey = (value: string) => value.startsWith('flnt_')

function bearer(authorization: string): string {
  return /^bearer /i.test(authorization) ? authorization.slice('bearer '.length).trim() : ''
}

/** The Flint key: `Authorization: Bearer flnt_…`, else a `flnt_` value where an SDK puts its api key; '' when there is none. */
export function flintKeyOf(places: KeyPlaces): string {
  return [bearer(places.authorization), places.xApiKey, places.xGoogApiKey, places.queryKey].find(isFlintKey) ?? ''
}

/** The provider's key: x-provider-key, else the first other place that does not hold a Flint key; '' when there is none. */
export function providerKeyOf(places: KeyPlaces): string {
  if (places.providerKey !== '') return isFlintKey(places.providerKey) ? '' : places.providerKey
  const others = [places.xApiKey, places.xGoogApiKey, places.queryKey, bearer(places.authorization)]
  return others.find((value) => value !== '' && !isFlintKey(value)) ?? ''
}

/** The one header that carries the credential upstream. */
export function credentialHeader(provider: Provider, endpoint: string, key: string): readonly [name: string, value: string] {
  if (provider === 'anthropic' && !key.startsWith('sk-ant-oat')) return ['x-api-key', key]
  if (provider === 'gemini' && !key.startsWith('ya29') && !/^\/v[^/]+\/openai\//.test(endpoint)) return ['x-goog-api-key', key]
  return ['authorization', `Bearer ${key}`]
}

/** Last four characters, for recognition; a short key would be given away by its tail. */
export function keyHint(key: string): string | null {
  return key.length < 12 ? null : `...${key.slice(-4)}`
}

/** Names the header when a key value cannot be one key: two joined by a comma, or characters no key has (RFC 9110 §5.5). */
export function malformedKey(places: KeyPlaces): string | null {
  const plain = /^[\x21-\x2b\x2d-\x7e]*$/
  if (!plain.test(places.providerKey)) return 'x-provider-key'
  if (!plain.test(places.xApiKey)) return 'x-api-key'
  if (!plain.test(places.xGoogApiKey)) return 'x-goog-api-key'
  if (!plain.test(places.queryKey)) return 'key'
  if (/^bearer /i.test(places.authorization) && !plain.test(bearer(places.authorization))) return 'authorization'
  return null
}

/** Takes every `key=` out of a query and leaves the other parameters as they stand, byte for byte. */
export function withoutQueryKey(query: string): { query: string; keys: string[] } {
  // `%6Bey=` is `key=` to whoever decodes names, as the provider does.
  if (!/(^|&)key=|%/.test(query)) return { query, keys: [] }
  const keys: string[] = []
  const kept = query.split('&').filter((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0 || decodeQueryValue(pair.slice(0, equals)) !== 'key') return true
    keys.push(decodeQueryValue(pair.slice(equals + 1)))
    return false
  })
  return { query: kept.join('&'), keys }
}

function decodeQueryValue(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    // Not percent-encoding: as it stands it fails the check of `malformedKey` or at the provider, not here.
    return value
  }
}
