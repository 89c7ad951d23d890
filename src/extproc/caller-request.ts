import { redact } from '../evidence/redact.ts'
import { type KeyPlaces, withoutQueryKey } from './credentials.ts'
import { readHeaders } from './messages.ts'
import { type Route, routeOf } from './route.ts'

/** The request headers of one call, sorted into what the gate decides on, what the record keeps and what must be stripped. */
export interface CallerRequest {
  readonly method: string
  readonly route: Route | null
  /** The path with `key=` taken out, or null when it can stay as it is. */
  readonly pathWithoutKey: string | null
  readonly keys: KeyPlaces
  /** Name of a key header that came twice, or that a `Connection` header names; null when all is well. */
  readonly repeated: string | null
  /** Names of the headers present that must not reach the provider. */
  readonly strip: readonly string[]
  readonly echo: boolean
  readonly claimedRequestId: string | null
  readonly callerRequestId: string | null
  readonly traceId: string | null
  readonly userAgent: string | null
  readonly retryCount: number | null
  readonly tags: Readonly<Record<string, string>>
  readonly tagsDropped: number
}

const KEY_HEADERS: ReadonlyMap<string, keyof KeyPlaces> = new Map([
  ['x-provider-key', 'providerKey'],
  ['authorization', 'authorization'],
  ['x-api-key', 'xApiKey'],
  ['x-goog-api-key', 'xGoogApiKey'],
])
const TAG_PREFIX = 'x-flint-tag-'
const MAX_TAGS = 16
const MAX_TAG_CHARACTERS = 256
const MAX_TAG_NAME_CHARACTERS = 64
const MAX_CLAIM_CHARACTERS = 256

/** `member` is the encoded `HttpHeaders`. Claims are cut to their bound: an audit tag never breaks a call. */
export function readCallerRequest(member: Uint8Array): CallerRequest {
  const keys: KeyPlaces = { providerKey: '', authorization: '', xApiKey: '', xGoogApiKey: '', queryKey: '' }
  const strip: string[] = []
  const tags: Array<[name: string, value: string]> = []
  let path = ''
  let method = ''
  let repeated: string | null = null
  let tagsDropped = 0
  let echo = false
  let claimedRequestId: string | null = null
  let callerRequestId: string | null = null
  let traceId: string | null = null
  let userAgent: string | null = null
  let retryCount: number | null = null

  readHeaders(member, (name, value) => {
    const place = KEY_HEADERS.get(name)
    if (place) {
      if (strip.includes(name)) repeated ??= name
      strip.push(name)
      keys[place] = value.trim()
      return
    }
    if (name.startsWith('x-flint-')) {
      strip.push(name)
      if (name === 'x-flint-request-id') claimedRequestId = claim(value)
      else if (name === 'x-flint-echo') echo = value === '1'
      else if (name.startsWith(TAG_PREFIX) && name.length > TAG_PREFIX.length) {
        const tag = name.slice(TAG_PREFIX.length)
        if (tags.length >= MAX_TAGS || value.length > MAX_TAG_CHARACTERS || tag.length > MAX_TAG_NAME_CHARACTERS) tagsDropped += 1
        else tags.push([tag, readable(value)])
      }
      return
    }
    switch (name) {
      case ':path':
        path = value
        break
      case ':method':
        method = value
        break
      case 'connection':
        repeated ??= namedKeyHeader(value)
        break
      case 'x-request-id':
        callerRequestId = claim(value)
        break
      case 'user-agent':
        userAgent = claim(value)
        break
      case 'traceparent':
        traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(value)?.[1] ?? null
        break
      case 'x-stainless-retry-count':
        retryCount = /^\d{1,4}$/.test(value) ? Number(value) : null
        break
    }
  })

  const route = routeOf(path)
  const cleaned = withoutQueryKey(route?.query ?? '')
  if (cleaned.keys.length > 1) repeated ??= 'key'
  keys.queryKey = cleaned.keys[0] ?? ''
  const mark = path.indexOf('?')
  const pathWithoutKey = cleaned.keys.length === 0 ? null : path.slice(0, mark) + (cleaned.query === '' ? '' : `?${cleaned.query}`)
  return {
    method,
    route,
    pathWithoutKey,
    keys,
    repeated,
    strip,
    echo,
    claimedRequestId,
    callerRequestId,
    traceId,
    userAgent,
    retryCount,
    tags: Object.fromEntries(tags),
    tagsDropped,
  }
}

function claim(value: string): string | null {
  if (value === '') return null
  // A key is taken out before it could be cut in two; half of a surrogate pair is no text.
  return redact(readable(value))
    .slice(0, MAX_CLAIM_CHARACTERS)
    .replace(/[\ud800-\udbff]$/, '')
}

/** Headers are read as Latin-1; people write UTF-8 in them. What is not UTF-8 stays as it is. */
function readable(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value
  const text = Buffer.from(value, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? value : text
}

/** A `Connection` header may order hops to drop headers (RFC 9110 §7.6.1); naming a key header there is an attack or a mistake. */
function namedKeyHeader(value: string): string | null {
  const names = value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  return names.find((name) => KEY_HEADERS.has(name)) ?? null
}
