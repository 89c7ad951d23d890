import type { IncomingHttpHeaders } from 'node:http2'
import { capturePolicyOf } from '../content/capture-policy.ts'
import { ERRORS, type ErrorCode, errorBody } from '../errors.ts'
import type { CredentialKind } from '../evidence/credential-kind.ts'
import type { IntentEvidence } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { createVersionClock } from '../evidence/record-id.ts'
import { type AuthenticationFailures, failureOf } from '../identity/authentication-failures.ts'
import {
  type Authentication,
  type Authenticator,
  isRefused,
  type KeyHolders,
  type KeyPrincipal,
} from '../identity/principal.ts'
import type { SettingsSource } from '../identity/settings.ts'
import type { ActiveProviders } from '../providers/active-providers.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import { type CallMetadata, METADATA_NAMESPACE, type MetadataSeal } from './call-metadata.ts'
import { type CallerRequest, createCallerRequestReader } from './caller-request.ts'
import { type CallerKeys, keyHint, keysIn, malformedKey } from './credentials.ts'
import type { GrpcMethod } from './grpc-server.ts'
import { REQUEST_HEADERS, readProcessingRequest } from './messages.ts'
import { createRecordIds } from './record-ids.ts'
import { encodeForward, encodeRefusal } from './replies.ts'
import { isAmbiguousPath, isUpload } from './route.ts'
import { signatureOf } from './signed-request.ts'
import type { UploadTickets } from './upload-ticket.ts'

export interface GateOptions {
  readonly providers: ActiveProviders
  readonly authenticator: Authenticator
  readonly holders: KeyHolders
  readonly tickets: UploadTickets
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly failures: Pick<AuthenticationFailures, 'note'>
  readonly seal: MetadataSeal
  readonly spool: EvidenceSpool
  /** `<instance>/gate` */
  readonly writer: string
  readonly counters: GateCounters
}

/** Counted per process since its start; read by the metrics page. */
export interface GateCounters {
  forwarded: number
  refused: Record<ErrorCode, number>
  tagsDropped: number
}

export function createGateCounters(): GateCounters {
  const refused = Object.fromEntries(Object.keys(ERRORS).map((code) => [code, 0])) as Record<
    ErrorCode,
    number
  >
  return { forwarded: 0, refused, tagsDropped: 0 }
}

function refusal(code: ErrorCode, message?: string): Uint8Array {
  return encodeRefusal(
    ERRORS[code].status,
    JSON.stringify(errorBody(code, message)),
    `flint_${code}`,
  )
}

/**
 * Refusals with the catalogue's own messages, encoded once: a flood of wrong keys costs a lookup
 * each.
 */
const REFUSALS = Object.fromEntries(
  (Object.keys(ERRORS) as ErrorCode[]).map((code) => [code, refusal(code)]),
) as Record<ErrorCode, Uint8Array>

/** What becomes of one call; `principal` is known for every refusal that leaves a record. */
type Verdict =
  | { readonly forward: true; readonly principal: KeyPrincipal; readonly credential: Credential }
  | {
      readonly forward: false
      readonly principal: KeyPrincipal | null
      readonly code: ErrorCode
      readonly message?: string
    }

/**
 * What pays for a call; `key` is null where the address that the provider gave out pays (a
 * resumable upload's second step), or a signature.
 */
interface Credential {
  readonly key: string | null
  /** The caller's own Authorization header goes on as it came. */
  readonly isSigned?: true
  /** For the record. */
  readonly hint: string | null
  readonly kind: CredentialKind | null
}

/**
 * `flint.auth`: the only place where a caller waits for Flint. Reads the request headers, checks
 * the Flint key in memory, writes the intent, swaps the keys. Body and answer never pass here.
 */
export function createGate(options: GateOptions): GrpcMethod {
  const { providers, settings, seal, spool, tickets, writer, counters } = options
  const readCallerRequest = createCallerRequestReader(providers)
  const version = createVersionClock()
  const nextId = createRecordIds()

  function refuse(code: ErrorCode, message?: string): Uint8Array {
    counters.refused[code] += 1
    return message === undefined ? REFUSALS[code] : refusal(code, message)
  }

  return (reply, metadata) => ({
    message(bytes) {
      const message = readProcessingRequest(bytes, false)
      if (message.kind !== REQUEST_HEADERS) return reply.end()
      const request = readCallerRequest(message.member)
      counters.tagsDropped += request.tagsDropped
      const verdict = judge(request, options)
      // Without a valid Flint key there is no organisation to keep a record for.
      if (!verdict.principal || !request.route) {
        return reply.send(
          verdict.forward ? refuse('unknown_provider') : refuse(verdict.code, verdict.message),
        )
      }
      const recordId = nextId()
      const call: CallMetadata = {
        recordId,
        org: verdict.principal.org,
        keyId: verdict.principal.keyId,
        keyHint: verdict.forward ? verdict.credential.hint : null,
        provider: request.route.provider.name,
        // Decided here and carried with the call: a setting that changes meanwhile does not split
        // it.
        capture: verdict.forward
          ? capturePolicyOf(settings.settingsOf(verdict.principal.org))
          : null,
      }
      // The answer is encoded before the intent is written: after the write nothing is left that
      // can fail.
      const forward = verdict.forward
        ? encodeForward({
            ...changes(request, verdict.credential),
            namespace: METADATA_NAMESPACE,
            // For the answer that may name an upload address: the filter flint.uploads adds it
            // there.
            metadata: {
              ...seal.seal(call, request.echo),
              ...(isUpload(request.route) ? { upload: tickets.issue(call) } : {}),
            },
          })
        : null
      spool.append(
        intentOf({
          call,
          request,
          verdict,
          envoyRun: envoyRunOf(metadata),
          version: version(),
          writer,
        }),
        (error) => {
          if (error) return reply.send(refuse('audit_unavailable'))
          if (forward) {
            counters.forwarded += 1
            reply.send(forward)
          } else if (!verdict.forward) reply.send(refuse(verdict.code, verdict.message))
        },
      )
    },
    closed() {},
  })
}

const MISSING = { refused: 'missing', principal: null } as const

/**
 * Order of errors: route, Flint key, scope, provider key. Malformed requests are attributed when
 * the key is known.
 */
function judge(
  request: CallerRequest,
  { authenticator, holders, tickets, failures }: GateOptions,
): Verdict {
  if (!request.route) return { forward: false, principal: null, code: 'unknown_provider' }
  const keys = keysIn(request.keys)
  const unkeepable = unkeepableRequest(request, keys)
  if (unkeepable)
    return { forward: false, principal: null, code: 'invalid_request', message: unkeepable }
  const unusable = unusableKey(request, keys)
  // With two Authorization headers, neither is trusted.
  const flintKey = unusable?.startsWith('authorization') ? '' : keys.flint
  const ticket =
    flintKey === '' && isUpload(request.route) ? tickets.redeem(request.uploadTicket) : null
  const known: Authentication = ticket
    ? holders.holderOf(ticket.keyId)
    : flintKey === ''
      ? MISSING
      : authenticator.authenticate(flintKey)
  if (isRefused(known) && known.refused === 'unavailable')
    return { forward: false, principal: null, code: 'audit_unavailable' }
  const principal = isRefused(known) ? null : known
  if (unusable) return { forward: false, principal, code: 'invalid_request', message: unusable }
  if (isRefused(known)) {
    const failure = failureOf(known)
    if (failure) failures.note(...failure)
    return { forward: false, principal: null, code: 'invalid_api_key' }
  }
  if (!known.scopes.includes('proxy')) {
    failures.note('forbidden', known)
    return { forward: false, principal: known, code: 'forbidden' }
  }
  if (isAmbiguousPath(request.route.endpoint))
    return {
      forward: false,
      principal: known,
      code: 'invalid_request',
      message: 'the path mixes encoded slashes and dot segments',
    }
  const key = keys.provider
  if (key !== '')
    return {
      forward: true,
      principal: known,
      credential: { key, hint: keyHint(key), kind: request.route.provider.credentialKind(key) },
    }
  if (ticket)
    return {
      forward: true,
      principal: known,
      credential: { key: null, hint: ticket.keyHint, kind: null },
    }
  const signed = signatureOf(request)
  if (signed === null) return { forward: false, principal: known, code: 'missing_provider_key' }
  const { keyId, problem } = signed
  return problem === null
    ? {
        forward: true,
        principal: known,
        credential: { key: null, isSigned: true, hint: keyHint(keyId), kind: 'signature' },
      }
    : { forward: false, principal: known, code: 'invalid_request', message: problem }
}

const MAX_PATH_BYTES = 2_048

/**
 * Says why nothing of a request may be kept, not even in the record of its refusal; null when all
 * is well.
 */
function unkeepableRequest(request: CallerRequest, keys: CallerKeys): string | null {
  if (request.pathBytes > MAX_PATH_BYTES) return `the path is longer than ${MAX_PATH_BYTES} bytes`
  if (request.misplaced)
    return `a Flint key stands in ${request.misplaced}, from where it would reach the provider: send it as x-flint-key`
  return keys.differentFlintKeys > 1 ? 'two different Flint keys were sent: send one' : null
}

/**
 * Says what is wrong with the key headers, beginning with the header's name; null when each holds
 * one plain key.
 */
function unusableKey(request: CallerRequest, { stray, disagrees }: CallerKeys): string | null {
  if (request.repeated)
    return `${request.repeated} was sent more than once, or is named by a Connection header`
  const malformed = malformedKey(request.keys)
  if (malformed) return `${malformed} does not hold one plain key`
  if (stray === 'x-flint-key') return 'x-flint-key does not hold a Flint key alone'
  if (stray)
    return `${stray} holds a Flint key in the wrong form: send it alone, or <provider key>.<Flint key>`
  return disagrees
    ? 'two different provider keys were sent, one of them joined to the Flint key: send one'
    : null
}

const PROTOCOLS = 'sec-websocket-protocol'

/**
 * The key swap: one credential in the provider's own place, everything of Flint's and every other
 * key gone.
 */
function changes(
  request: CallerRequest,
  { key, isSigned }: Credential,
): { set: Array<readonly [string, string]>; remove: string[] } {
  const set: Array<readonly [string, string]> = []
  const route = request.route
  if (!route) return { set, remove: [] }
  const remove = request.strip.filter((name) => name !== 'authorization' || isSigned !== true)
  const credential = key === null ? null : route.provider.credential(key, route.endpoint)
  if (credential !== null) set.push(credential)
  if (request.pathWithoutKey !== null) set.push([':path', request.pathWithoutKey])
  if (request.protocolsWithoutKeys === '') remove.push(PROTOCOLS)
  else if (request.protocolsWithoutKeys !== null)
    set.push([PROTOCOLS, request.protocolsWithoutKeys])
  return { set, remove: remove.filter((name) => name !== credential?.[0]) }
}

/**
 * Set by the bootstrap that `flint up` renders anew for each start of Envoy (envoy/bootstrap.yaml,
 * flint.auth).
 */
const ENVOY_RUN_HEADER = 'x-flint-envoy-run'

function envoyRunOf(metadata: IncomingHttpHeaders): string | null {
  const run = metadata[ENVOY_RUN_HEADER]
  return typeof run === 'string' && run !== '' ? run.slice(0, 64) : null
}

interface IntentFacts {
  readonly call: CallMetadata
  readonly request: CallerRequest
  readonly verdict: Verdict
  readonly envoyRun: string | null
  readonly version: number
  readonly writer: string
}

function intentOf({
  call,
  request,
  verdict,
  envoyRun,
  version,
  writer,
}: IntentFacts): IntentEvidence {
  return {
    kind: 'intent',
    ...evidenceKey(call, version, writer),
    method: request.method,
    endpoint: request.route?.endpoint ?? '',
    key_id: call.keyId,
    key_hint: call.keyHint,
    error_code: verdict.forward ? null : verdict.code,
    status: verdict.forward ? null : ERRORS[verdict.code].status,
    claimed_request_id: request.claimedRequestId,
    caller_request_id: request.callerRequestId,
    trace_id: request.traceId,
    user_agent: request.userAgent,
    retry_count: request.retryCount,
    tags: request.tags,
    capture: verdict.forward ? call.capture !== null : null,
    credential: verdict.forward ? verdict.credential.kind : null,
    session_id: request.sessionId,
    workload: null,
    namespace: null,
    service_account: null,
    cluster: null,
    identity_basis: null,
    envoy_run: envoyRun,
  }
}
