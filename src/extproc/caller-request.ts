import { redact } from '../evidence/redact.ts'
import { holdsFlintKey } from '../identity/flint-key.ts'
import type { ActiveProviders } from '../providers/active-providers.ts'
import { createProviderOfHost, type ProviderOfHost } from '../providers/provider-of-host.ts'
import {
  decodeQueryValue,
  type KeyPlaces,
  keyHeadersOf,
  NEVER_FORWARDED,
  withoutParameter,
  withoutSubprotocolKeys,
} from './credentials.ts'
import { HOP_SEAL_HEADER } from './hop-seal.ts'
import { readHeaders } from './messages.ts'
import { type Route, routeOf, routeOfHost } from './route.ts'
import { TICKET_PARAMETER } from './upload-ticket.ts'

/**
 * The request headers of one call, sorted into what the gate decides on, what the record keeps and
 * what must be stripped.
 */
export interface CallerRequest {
  readonly method: string
  /** `:authority`, the host that the caller called. */
  readonly authority: string
  readonly route: Route | null
  /** Bytes of the path without its query. */
  readonly pathBytes: number
  /**
   * The path with `key=` and Flint's own parameters taken out, or null when it can stay as it is.
   */
  readonly pathWithoutKey: string | null
  /**
   * `Sec-WebSocket-Protocol` without the keys, or null when it can stay as it is; '' when nothing
   * is left.
   */
  readonly protocolsWithoutKeys: string | null
  /** What a rewritten upload address carries in place of a Flint key; '' when absent. */
  readonly uploadTicket: string
  /** As sent under the name of a seal of the proxy before (hop-seal.ts). */
  readonly hopSeals: readonly string[]
  readonly keys: KeyPlaces
  /**
   * Name of a key header that came twice, or that a `Connection` header names; null when all is
   * well.
   */
  readonly repeated: string | null
  /**
   * Where a whole Flint key stands that must reach neither the provider nor a record: a header's
   * name, `query` or `path`.
   */
  readonly misplaced: string | null
  /** Names of the headers present that must not reach the provider. */
  readonly strip: readonly string[]
  readonly echo: boolean
  readonly claimedRequestId: string | null
  readonly callerRequestId: string | null
  readonly sessionId: string | null
  readonly traceId: string | null
  readonly userAgent: string | null
  readonly retryCount: number | null
  readonly tags: Readonly<Record<string, string>>
  readonly tagsDropped: number
}

/** The second is what OpenAI's and coding agents' clients call theirs. */
const REQUEST_ID_HEADERS: readonly string[] = ['x-request-id', 'x-client-request-id']
/**
 * How clients name the session that a call is part of, the first present one counts: Claude Code
 * (https://code.claude.com/docs/en/llm-gateway-protocol), Codex (`session-id`, of earlier versions
 * `session_id`, and `thread-id`; openai/codex, codex-rs/codex-api), and a name that gateways
 * document for any client.
 */
const SESSION_HEADERS: readonly string[] = [
  'x-claude-code-session-id',
  'session-id',
  'session_id',
  'thread-id',
  'x-session-id',
]
const SESSION_ID = /^[A-Za-z0-9._:/@+=-]{1,256}$/
type Named = Record<string, string | null>

function firstOf(names: readonly string[], found: Named): string | null {
  for (const name of names) if (found[name]) return found[name]
  return null
}

const TAG_PREFIX = 'x-flint-tag-'
const MAX_TAGS = 16
const MAX_TAG_CHARACTERS = 256
const MAX_TAG_NAME_CHARACTERS = 64
const MAX_CLAIM_CHARACTERS = 256

/**
 * `member` is the encoded `HttpHeaders`; `byHost`: the caller names the provider's own host, as on
 * the routes of a mesh. Claims are cut to their bound: an audit tag never breaks a call.
 */
export type ReadCallerRequest = (member: Uint8Array, byHost?: boolean) => CallerRequest

export function createCallerRequestReader(providers: ActiveProviders): ReadCallerRequest {
  const sdkKeyHeaders = keyHeadersOf(providers)
  const keyHeaders = new Set(['x-flint-key', 'x-provider-key', 'authorization', ...sdkKeyHeaders])
  const known = {
    ...{ providers, sdkKeyHeaders, keyHeaders },
    providerOfHost: createProviderOfHost(providers),
  }
  return (member, byHost = false) => readCallerRequest(member, known, byHost)
}

interface Known {
  readonly providers: ActiveProviders
  readonly sdkKeyHeaders: readonly string[]
  readonly keyHeaders: ReadonlySet<string>
  readonly providerOfHost: ProviderOfHost
}

function readCallerRequest(
  member: Uint8Array,
  { providers, sdkKeyHeaders, keyHeaders, providerOfHost }: Known,
  byHost: boolean,
): CallerRequest {
  const keyValues: Record<string, string> = {}
  const strip: string[] = []
  const tags: Array<[name: string, value: string]> = []
  let path = ''
  let method = ''
  let authority = ''
  let repeated: string | null = null
  let misplaced: string | null = null
  const protocols: string[] = []
  const hopSeals: string[] = []
  let tagsDropped = 0
  let echo = false
  let claimedRequestId: string | null = null
  const requestIds: Named = {}
  const sessionIds: Named = {}
  let traceId: string | null = null
  let userAgent: string | null = null
  let retryCount: number | null = null

  readHeaders(member, (name, value) => {
    if (keyHeaders.has(name)) {
      if (strip.includes(name)) repeated ??= name
      strip.push(name)
      keyValues[name] = value.trim()
      return
    }
    if (NEVER_FORWARDED.has(name)) {
      strip.push(name)
      return
    }
    if (name === 'sec-websocket-protocol') protocols.push(value)
    else if (name !== ':path' && holdsFlintKey(value)) misplaced ??= name
    if (name.startsWith('x-flint-')) {
      strip.push(name)
      if (name === HOP_SEAL_HEADER) hopSeals.push(value)
      else if (name === 'x-flint-request-id') claimedRequestId = claim(value)
      else if (name === 'x-flint-echo') echo = value === '1'
      else if (name.startsWith(TAG_PREFIX) && name.length > TAG_PREFIX.length) {
        const tag = name.slice(TAG_PREFIX.length)
        if (
          tags.length >= MAX_TAGS ||
          value.length > MAX_TAG_CHARACTERS ||
          tag.length > MAX_TAG_NAME_CHARACTERS
        )
          tagsDropped += 1
        else tags.push([tag, readable(value)])
      }
      return
    }
    if (REQUEST_ID_HEADERS.includes(name)) requestIds[name] = claim(value)
    else if (SESSION_HEADERS.includes(name)) sessionIds[name] = sessionClaim(value)
    switch (name) {
      case ':path':
        path = value
        break
      case ':authority':
        authority = value
        break
      case ':method':
        method = value
        break
      case 'connection':
        repeated ??= namedKeyHeader(value, keyHeaders)
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

  const route = byHost ? routeOfHost(authority, path, providerOfHost) : routeOf(path, providers)
  const withoutKey = withoutParameter(route?.query ?? '', 'key')
  if (withoutKey.values.length > 1) repeated ??= 'key'
  const cleaned = withoutParameter(withoutKey.query, TICKET_PARAMETER)
  const mark = path.indexOf('?')
  const pathname = mark < 0 ? path : path.slice(0, mark)
  const isCleaned = withoutKey.values.length + cleaned.values.length > 0
  const offered = withoutSubprotocolKeys(protocols.join(', '))
  const keys: KeyPlaces = {
    flintKey: keyValues['x-flint-key'] ?? '',
    providerKey: keyValues['x-provider-key'] ?? '',
    authorization: keyValues['authorization'] ?? '',
    headers: Object.fromEntries(sdkKeyHeaders.map((name) => [name, keyValues[name] ?? ''])),
    queryKey: withoutKey.values[0] ?? '',
    subprotocolKeys: offered?.keys ?? [],
  }
  if (holdsFlintKey(decodeQueryValue(cleaned.query))) misplaced ??= 'query'
  if (holdsFlintKey(decodeQueryValue(pathname))) misplaced ??= 'path'
  if (holdsFlintKey(offered?.protocols ?? protocols.join())) misplaced ??= 'sec-websocket-protocol'
  return {
    method,
    authority,
    route,
    pathBytes: pathname.length,
    pathWithoutKey: isCleaned ? pathname + (cleaned.query === '' ? '' : `?${cleaned.query}`) : null,
    protocolsWithoutKeys: offered?.protocols ?? null,
    uploadTicket: cleaned.values[0] ?? '',
    hopSeals,
    keys,
    repeated,
    misplaced,
    strip,
    echo,
    claimedRequestId,
    callerRequestId: firstOf(REQUEST_ID_HEADERS, requestIds),
    sessionId: firstOf(SESSION_HEADERS, sessionIds),
    traceId,
    userAgent,
    retryCount,
    tags: Object.fromEntries(tags),
    tagsDropped,
  }
}

/**
 * An id and no text: anything else is dropped rather than cut, so that no two sessions look alike.
 */
function sessionClaim(value: string): string | null {
  return SESSION_ID.test(value) ? claim(value) : null
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

/**
 * A `Connection` header may order hops to drop headers (RFC 9110 §7.6.1); naming a key header there
 * is an attack or a mistake.
 */
function namedKeyHeader(value: string, keyHeaders: ReadonlySet<string>): string | null {
  const names = value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  return names.find((name) => keyHeaders.has(name)) ?? null
}
