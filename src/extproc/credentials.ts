import { holdsFlintKeyBeginning, isFlintKey, splitJoinedKey } from '../identity/flint-key.ts'
import type { ActiveProviders } from '../providers/active-providers.ts'

/**
 * The provider key's one stop inside Flint: it is read from the caller's request and put where the
 * provider expects it. It is never part of any row, log line or error text; only `keyHint` leaves
 * this file.
 */

/** The places where a key may stand, as the caller sent them; '' when absent. */
export interface KeyPlaces {
  /** `x-flint-key`: a Flint key and nothing else. */
  flintKey: string
  providerKey: string
  authorization: string
  /** By the header's name, in the order of `keyHeaders`. */
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
 * Clients made for Azure send their key here. No provider reads it, and other gateways use it too:
 * a provider key is taken from it only where there is no other.
 */
const AZURE = 'api-key'

/**
 * Headers besides Authorization in which clients of any of these providers send their key, in the
 * order in which they are looked at: a client made for one provider may be pointed at another.
 */
export function keyHeadersOf({ all }: Pick<ActiveProviders, 'all'>): readonly string[] {
  return [...new Set([...all.flatMap(({ keyHeaders }) => keyHeaders), AZURE])]
}

/** Where a provider's key is looked for after all other places, in this order. */
const LOOKED_AT_LAST: readonly string[] = ['authorization', 'sec-websocket-protocol', AZURE]

/** Where no key is looked for, and which no provider may see (RFC 9110 §11.7.2). */
export const NEVER_FORWARDED: ReadonlySet<string> = new Set(['proxy-authorization'])

/** What one place holds: either key, or both as `<provider key>.<Flint key>`. */
interface Held {
  /** Name of the place, for messages. */
  readonly place: string
  readonly flint: string
  readonly provider: string
  /** Holds something of a Flint key that is neither the whole value nor its end. */
  readonly stray: boolean
}

function heldIn(place: string, value: string): Held {
  if (!holdsFlintKeyBeginning(value)) return { place, flint: '', provider: value, stray: false }
  if (isFlintKey(value)) return { place, flint: value, provider: '', stray: false }
  const joined = splitJoinedKey(value)
  if (joined === null || holdsFlintKeyBeginning(joined.provider))
    return { place, flint: '', provider: '', stray: true }
  return { place, ...joined, stray: false }
}

function bearer(authorization: string): string {
  return /^bearer /i.test(authorization) ? authorization.slice('bearer '.length).trim() : ''
}

/** All that is decided about keys, out of one look at each place. */
export interface CallerKeys {
  /**
   * x-flint-key, else `Authorization: Bearer`, else where an SDK puts its api key, in each of them
   * also at the end of a joined key; '' when there is none.
   */
  readonly flint: string
  /**
   * x-provider-key, else the first other place that does not hold a Flint key alone; '' when there
   * is none.
   */
  readonly provider: string
  /** How many different ones were sent, x-provider-key's among them. */
  readonly differentFlintKeys: number
  /**
   * A joined key brings one provider key and another place a different one: a guess would bill the
   * wrong account.
   */
  readonly disagrees: boolean
  /**
   * The place with a Flint key, or a part of one, that is neither alone there nor the end of a
   * joined key; null when all is well.
   */
  readonly stray: string | null
}

export function keysIn(places: KeyPlaces): CallerKeys {
  const held = heldPlaces(places)
  const own = held.find(({ place }) => place === 'x-provider-key')
  const flintKeys = held.flatMap(({ flint }) => (flint === '' ? [] : [flint]))
  // x-provider-key is no place for a Flint key alone.
  const flint = held.find((each) => each.flint !== '' && (each !== own || each.provider !== ''))
  const providers = held.filter(({ provider }) => provider !== '')
  const isJoined = providers.some((each) => each.flint !== '')
  return {
    flint: flint?.flint ?? '',
    provider: (own ?? firstProvider(providers))?.provider ?? '',
    differentFlintKeys: new Set(flintKeys).size,
    disagrees: isJoined && new Set(providers.map(({ provider }) => provider)).size > 1,
    stray: held.find(({ stray }) => stray)?.place ?? null,
  }
}

/** The places that hold something, in the order in which a Flint key is looked for. */
function heldPlaces(places: KeyPlaces): Held[] {
  const held: Held[] = []
  const look = (place: string, value: string) => {
    if (value !== '') held.push(heldIn(place, value))
  }
  const { flintKey } = places
  if (flintKey !== '') {
    const stray = !isFlintKey(flintKey)
    held.push({ place: 'x-flint-key', flint: stray ? '' : flintKey, provider: '', stray })
  }
  look('authorization', bearer(places.authorization))
  for (const [name, value] of Object.entries(places.headers)) look(name, value)
  look('key', places.queryKey)
  for (const key of places.subprotocolKeys) look('sec-websocket-protocol', key)
  look('x-provider-key', places.providerKey)
  return held
}

function firstProvider(providers: readonly Held[]): Held | undefined {
  const rank = ({ place }: Held) => LOOKED_AT_LAST.indexOf(place)
  return providers.toSorted((one, other) => rank(one) - rank(other))[0]
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
  if (!plain.test(places.flintKey)) return 'x-flint-key'
  if (!plain.test(places.providerKey)) return 'x-provider-key'
  const malformed = Object.entries(places.headers).find(([, value]) => !plain.test(value))
  if (malformed !== undefined) return malformed[0]
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
