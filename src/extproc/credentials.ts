import type { Provider } from '../evidence/evidence.ts'
import { definitionOf, PROVIDER_DEFINITIONS } from '../providers/registry.ts'

/**
 * The provider key's one stop inside Flint: it is read from the caller's request and put where the
 * provider expects it. It is never part of any row, log line or error text; only `keyHint` leaves
 * this file.
 */

/** The places where a key may stand, as the caller sent them; '' when absent. */
export interface KeyPlaces {
  providerKey: string
  authorization: string
  /** By the header's name, for each of `SDK_KEY_HEADERS`. */
  headers: Readonly<Record<string, string>>
  /** Value of `?key=`, percent-decoded. */
  queryKey: string
  /**
   * Of `Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.<key>`: the one place where a
   * page in a browser can put keys.
   */
  subprotocolKeys: readonly string[]
}

/**
 * Headers besides Authorization in which SDKs send their key, in the order in which they are looked
 * at.
 */
export const SDK_KEY_HEADERS: readonly string[] = [
  ...new Set(PROVIDER_DEFINITIONS.flatMap(({ keyHeaders }) => keyHeaders)),
]

/**
 * Places where no key is looked for, and which no provider may see (RFC 9110 §11.7.2 of the first).
 */
export const NEVER_FORWARDED: ReadonlySet<string> = new Set(['proxy-authorization', 'api-key'])

const isFlintKey = (value: string) => value.startsWith('flnt_')

function bearer(authorization: string): string {
  return /^bearer /i.test(authorization) ? authorization.slice('bearer '.length).trim() : ''
}

/**
 * The Flint key: `Authorization: Bearer flnt_…`, else a `flnt_` value where an SDK puts its api
 * key; '' when there is none.
 */
export function flintKeyOf(places: KeyPlaces): string {
  return flintKeysOf(places)[0] ?? ''
}

/** Each different one that was sent, x-provider-key's among them, in the order of looking. */
export function differentFlintKeys(places: KeyPlaces): number {
  return new Set([...flintKeysOf(places), places.providerKey].filter(isFlintKey)).size
}

function flintKeysOf({ authorization, headers, queryKey, subprotocolKeys }: KeyPlaces): string[] {
  return [bearer(authorization), ...inOrder(headers), queryKey, ...subprotocolKeys].filter(
    isFlintKey,
  )
}

function inOrder(headers: KeyPlaces['headers']): string[] {
  return SDK_KEY_HEADERS.map((name) => headers[name] ?? '')
}

/**
 * The provider's key: x-provider-key, else the first other place that does not hold a Flint key; ''
 * when there is none.
 */
export function providerKeyOf(places: KeyPlaces): string {
  if (places.providerKey !== '') return isFlintKey(places.providerKey) ? '' : places.providerKey
  const others = [
    ...inOrder(places.headers),
    places.queryKey,
    bearer(places.authorization),
    ...places.subprotocolKeys,
  ]
  return others.find((value) => value !== '' && !isFlintKey(value)) ?? ''
}

/** The one header that carries the credential upstream. */
export function credentialHeader(
  provider: Provider,
  endpoint: string,
  key: string,
): readonly [name: string, value: string] {
  return definitionOf(provider).credential(key, endpoint)
}

/** Last four characters, for recognition; a short key would be given away by its tail. */
export function keyHint(key: string): string | null {
  return key.length < 12 ? null : `...${key.slice(-4)}`
}

/**
 * Names the header when a key value cannot be one key: two joined by a comma, or characters no key
 * has (RFC 9110 §5.5).
 */
export function malformedKey(places: KeyPlaces): string | null {
  const plain = /^[\x21-\x2b\x2d-\x7e]*$/
  if (!plain.test(places.providerKey)) return 'x-provider-key'
  const malformed = SDK_KEY_HEADERS.find((name) => !plain.test(places.headers[name] ?? ''))
  if (malformed !== undefined) return malformed
  if (!plain.test(places.queryKey)) return 'key'
  if (!places.subprotocolKeys.every((key) => plain.test(key))) return 'sec-websocket-protocol'
  if (/^bearer /i.test(places.authorization) && !plain.test(bearer(places.authorization)))
    return 'authorization'
  return null
}

/**
 * Takes every `name=` out of a query and leaves the other parameters as they stand, byte for byte.
 */
export function withoutParameter(query: string, name: string): { query: string; values: string[] } {
  // `%6Bey=` is `key=` to those that decode names, as the provider does.
  if (!query.includes(`${name}=`) && !query.includes('%')) return { query, values: [] }
  const values: string[] = []
  const kept = query.split('&').filter((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0 || decodeQueryValue(pair.slice(0, equals)) !== name) return true
    values.push(decodeQueryValue(pair.slice(equals + 1)))
    return false
  })
  return { query: kept.join('&'), values }
}

const SUBPROTOCOL_KEY = 'openai-insecure-api-key.'

/**
 * Takes the keys out of a `Sec-WebSocket-Protocol` and leaves the protocols; null where there was
 * none.
 */
export function withoutSubprotocolKeys(
  value: string,
): { protocols: string; keys: string[] } | null {
  if (!value.includes(SUBPROTOCOL_KEY)) return null
  const offered = value.split(',').map((protocol) => protocol.trim())
  return {
    protocols: offered.filter((protocol) => !protocol.startsWith(SUBPROTOCOL_KEY)).join(', '),
    keys: offered.flatMap((protocol) =>
      protocol.startsWith(SUBPROTOCOL_KEY) ? [protocol.slice(SUBPROTOCOL_KEY.length)] : [],
    ),
  }
}

export function decodeQueryValue(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    // Not percent-encoding: as it stands it fails the check of `malformedKey` or at the provider,
    // not here.
    return value
  }
}
