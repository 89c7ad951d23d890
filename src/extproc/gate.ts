import type { IncomingHttpHeaders } from 'node:http2'
import { capturePolicyOf } from '../content/capture-policy.ts'
import { ERRORS, type ErrorCode, errorBody } from '../errors.ts'
import type { IntentEvidence } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import type { WorkloadIdentity } from '../evidence/identity-basis.ts'
import { createVersionClock } from '../evidence/record-id.ts'
import { type AuthenticationFailures, failureOf } from '../identity/authentication-failures.ts'
import type { MeshOrganisations } from '../identity/mesh-organisations.ts'
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
import { type CallerKeys, keyHint, keysIn, malformedKey, NEVER_FORWARDED } from './credentials.ts'
import type { GrpcMethod } from './grpc-server.ts'
import type { HopSeals, SealedCall } from './hop-seal.ts'
import { isMeshMode, workloadOf } from './mesh-identity.ts'
import { bringsFlintKey, judgeWorkload } from './mesh-verdict.ts'
import { REQUEST_HEADERS, readProcessingRequest } from './messages.ts'
import { createRecordIds } from './record-ids.ts'
import { encodeForward, encodeRefusal } from './replies.ts'
import { isAmbiguousPath, isUpload } from './route.ts'
import { callOfProxyBefore, sealForNextProxy, sightingOf } from './second-sighting.ts'
import { signatureOf } from './signed-request.ts'
import type { UploadTickets } from './upload-ticket.ts'
import type { CallOwner, Credential, Verdict } from './verdict.ts'

export interface GateOptions {
  readonly providers: ActiveProviders
  readonly authenticator: Authenticator
  readonly holders: KeyHolders
  readonly tickets: UploadTickets
  readonly mesh: MeshOrganisations
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly failures: Pick<AuthenticationFailures, 'note'>
  readonly seal: MetadataSeal
  readonly hopSeals: HopSeals
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
  secondSightings: number
}

export function createGateCounters(): GateCounters {
  const refused = Object.fromEntries(Object.keys(ERRORS).map((code) => [code, 0])) as Record<
    ErrorCode,
    number
  >
  return { forwarded: 0, refused, tagsDropped: 0, secondSightings: 0 }
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

/**
 * `flint.auth`: the only place where a caller waits for Flint. Reads the request headers, checks
 * the Flint key in memory, writes the intent, swaps the keys. Body and answer never pass here.
 */
export function createGate(options: GateOptions): GrpcMethod {
  const { providers, settings, seal, hopSeals, spool, tickets, writer, counters } = options
  const readCallerRequest = createCallerRequestReader(providers)
  const version = createVersionClock()
  const nextId = createRecordIds()

  function refuse(code: ErrorCode, message?: string): Uint8Array {
    counters.refused[code] += 1
    return message === undefined ? REFUSALS[code] : refusal(code, message)
  }

  return (reply, metadata, peer) => ({
    message(bytes) {
      const isMesh = isMeshMode(metadata)
      const message = readProcessingRequest(bytes, isMesh)
      if (message.kind !== REQUEST_HEADERS) return reply.end()
      const request = readCallerRequest(message.member, isMesh)
      counters.tagsDropped += request.tagsDropped
      const workload = isMesh ? workloadOf(peer, metadata, message.attributes) : null
      const before = isMesh ? callOfProxyBefore(request, peer, message.attributes, hopSeals) : null
      const verdict = judge(request, workload, before, options)
      const { owner } = verdict
      // Without a valid Flint key, or a workload's organisation, there is no one to keep a record
      // for.
      if (!owner || !request.route) {
        return reply.send(
          verdict.forward ? refuse('unknown_provider') : refuse(verdict.code, verdict.message),
        )
      }
      // A Flint key of another organisation makes it another call.
      const isSecond = before !== null && before.org === owner.org
      const call: CallMetadata = {
        recordId: isSecond ? before.recordId : nextId(),
        org: owner.org,
        keyId: owner.keyId,
        keyHint: verdict.forward ? verdict.credential.hint : null,
        provider: request.route.provider.name,
        // Decided here and carried with the call: a setting that changes meanwhile does not split
        // it.
        capture:
          verdict.forward && owner.capture && !isSecond
            ? capturePolicyOf(settings.settingsOf(owner.org))
            : null,
        ...(isSecond ? { isSecond } : {}),
      }
      const sealed =
        isMesh && !isSecond ? sealForNextProxy(call, request, peer, metadata, hopSeals) : null
      // The answer is encoded before the intent is written: after the write nothing is left that
      // can fail.
      const forward = verdict.forward
        ? encodeForward({
            ...withHeader(changes(request, verdict.credential, isMesh), sealed),
            namespace: METADATA_NAMESPACE,
            // For the answer that may name an upload address: the filter flint.uploads adds it
            // there.
            metadata: {
              ...seal.seal(call, request.echo),
              // In a mesh an upload goes on at the provider's own address.
              ...(!isMesh && call.keyId !== null && isUpload(request.route)
                ? { upload: tickets.issue({ keyId: call.keyId, keyHint: call.keyHint }) }
                : {}),
            },
          })
        : null
      if (isSecond) counters.secondSightings += 1
      spool.append(
        isSecond
          ? sightingOf(call, workload, version(), writer)
          : intentOf({
              call,
              request,
              verdict,
              workload,
              envoyRun: envoyRunOf(metadata),
              version: version(),
              writer,
            }),
        (error) => {
          // The record of a second sighting is the first one's, and safe.
          if (error && !isSecond) return reply.send(refuse('audit_unavailable'))
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
  workload: WorkloadIdentity | null,
  before: SealedCall | null,
  { authenticator, holders, tickets, failures, mesh }: GateOptions,
): Verdict {
  if (!request.route)
    return {
      ...{ forward: false, owner: null, code: 'unknown_provider' },
      ...(workload === null ? {} : { message: unknownHost(request.authority) }),
    }
  const keys = keysIn(request.keys)
  const unkeepable = unkeepableRequest(request, keys)
  if (unkeepable)
    return { forward: false, owner: null, code: 'invalid_request', message: unkeepable }
  if (workload !== null && !bringsFlintKey(request, keys))
    return judgeWorkload(
      request,
      request.route,
      keys,
      workload,
      before === null ? mesh : of(before),
    )
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
    return { forward: false, owner: null, code: 'audit_unavailable' }
  const owner = isRefused(known) ? null : ownerOf(known)
  if (unusable) return { forward: false, owner, code: 'invalid_request', message: unusable }
  if (isRefused(known)) {
    const failure = failureOf(known)
    if (failure) failures.note(...failure)
    return { forward: false, owner: null, code: 'invalid_api_key' }
  }
  const holder = ownerOf(known)
  if (!known.scopes.includes('proxy')) {
    failures.note('forbidden', known)
    return { forward: false, owner: holder, code: 'forbidden' }
  }
  if (isAmbiguousPath(request.route.endpoint))
    return {
      forward: false,
      owner: holder,
      code: 'invalid_request',
      message: 'the path mixes encoded slashes and dot segments',
    }
  const key = keys.provider
  if (key !== '')
    return {
      forward: true,
      owner: holder,
      credential: { key, hint: keyHint(key), kind: request.route.provider.credentialKind(key) },
    }
  if (ticket)
    return {
      forward: true,
      owner: holder,
      credential: { key: null, hint: ticket.keyHint, kind: null },
    }
  const signed = signatureOf(request, workload !== null)
  if (signed === null) return { forward: false, owner: holder, code: 'missing_provider_key' }
  const { keyId, problem } = signed
  return problem === null
    ? {
        forward: true,
        owner: holder,
        credential: { key: null, isSigned: true, hint: keyHint(keyId), kind: 'signature' },
      }
    : { forward: false, owner: holder, code: 'invalid_request', message: problem }
}

/** Whose call it is, the proxy before has said already: here it may look like another workload. */
function of({ org }: SealedCall): MeshOrganisations {
  return { organisationOf: () => ({ org, capture: false }) }
}

function ownerOf({ org, keyId }: KeyPrincipal): CallOwner {
  return { org, keyId, capture: true }
}

function unknownHost(authority: string): string {
  return `No provider is known by the host ${JSON.stringify(authority.slice(0, 256))}: name it as upstream of a provider in flint.yaml (providers).`
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
  { key, isSigned, isUntouched }: Credential,
  isMesh: boolean,
): { set: Array<readonly [string, string]>; remove: string[] } {
  const set: Array<readonly [string, string]> = []
  const route = request.route
  if (!route) return { set, remove: [] }
  if (isUntouched) return { set, remove: [...request.strip.filter(isFlints), CLIENT_CERTIFICATE] }
  const remove = request.strip.filter((name) => name !== 'authorization' || isSigned !== true)
  if (isMesh) remove.push(CLIENT_CERTIFICATE)
  const credential = key === null ? null : route.provider.credential(key, route.endpoint)
  if (credential !== null) set.push(credential)
  if (request.pathWithoutKey !== null) set.push([':path', request.pathWithoutKey])
  if (request.protocolsWithoutKeys === '') remove.push(PROTOCOLS)
  else if (request.protocolsWithoutKeys !== null)
    set.push([PROTOCOLS, request.protocolsWithoutKeys])
  return { set, remove: remove.filter((name) => name !== credential?.[0]) }
}

function withHeader(
  { set, remove }: ReturnType<typeof changes>,
  header: readonly [name: string, value: string] | null,
): ReturnType<typeof changes> {
  return { set: header === null ? set : [...set, header], remove }
}

/** Proxies of a mesh add the whole certificate of the caller; the gate is not sent it. */
const CLIENT_CERTIFICATE = 'x-forwarded-client-cert'

/** What a caller may send for Flint alone, or for proxies; not its provider key. */
function isFlints(name: string): boolean {
  return name.startsWith('x-flint-') || name === 'x-provider-key' || NEVER_FORWARDED.has(name)
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
  /** Null where the call came through no mesh. */
  readonly workload: WorkloadIdentity | null
  readonly envoyRun: string | null
  readonly version: number
  readonly writer: string
}

function intentOf({
  call,
  request,
  verdict,
  workload,
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
    workload: workload?.workload ?? null,
    namespace: workload?.namespace ?? null,
    service_account: workload?.serviceAccount ?? null,
    cluster: workload?.cluster ?? null,
    identity_basis: workload?.basis ?? null,
    envoy_run: envoyRun,
  }
}
