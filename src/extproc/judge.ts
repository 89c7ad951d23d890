import type { WorkloadIdentity } from '../evidence/identity-basis.ts'
import { type AuthenticationFailures, failureOf } from '../identity/authentication-failures.ts'
import type { MeshOrganisations } from '../identity/mesh-organisations.ts'
import {
  type Authentication,
  type Authenticator,
  isRefused,
  type KeyHolders,
  type KeyPrincipal,
} from '../identity/principal.ts'
import type { CallerRequest } from './caller-request.ts'
import { type CallerKeys, keyHint, keysIn, malformedKey } from './credentials.ts'
import type { SealedCall } from './hop-seal.ts'
import { bringsFlintKey, judgeWorkload } from './mesh-verdict.ts'
import { isAmbiguousPath, isUpload } from './route.ts'
import { signatureOf } from './signed-request.ts'
import type { UploadTickets } from './upload-ticket.ts'
import type { CallOwner, Verdict } from './verdict.ts'

/** Those who know whether a call may go on. */
export interface Judges {
  readonly authenticator: Authenticator
  readonly holders: KeyHolders
  readonly tickets: UploadTickets
  readonly mesh: MeshOrganisations
  readonly failures: Pick<AuthenticationFailures, 'note'>
}

const MISSING = { refused: 'missing', principal: null } as const

/**
 * Order of errors: route, Flint key, scope, provider key. Malformed requests are attributed when
 * the key is known.
 */
export function judge(
  request: CallerRequest,
  workload: WorkloadIdentity | null,
  before: SealedCall | null,
  { authenticator, holders, tickets, failures, mesh }: Judges,
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
  if (unusable)
    return {
      ...{ forward: false, code: 'invalid_request', message: unusable },
      owner: isRefused(known) ? null : ownerOf(known),
    }
  if (isRefused(known)) {
    const failure = failureOf(known)
    if (failure) failures.note(...failure)
    return { forward: false, owner: null, code: 'invalid_api_key' }
  }
  const owner = ownerOf(known)
  if (!known.scopes.includes('proxy')) {
    failures.note('forbidden', known)
    return { forward: false, owner, code: 'forbidden' }
  }
  if (isAmbiguousPath(request.route.endpoint))
    return {
      forward: false,
      owner,
      code: 'invalid_request',
      message: 'the path mixes encoded slashes and dot segments',
    }
  const key = keys.provider
  if (key !== '')
    return {
      forward: true,
      owner,
      credential: { key, hint: keyHint(key), kind: request.route.provider.credentialKind(key) },
    }
  if (ticket)
    return {
      forward: true,
      owner,
      credential: { key: null, hint: ticket.keyHint, kind: null },
    }
  const signed = signatureOf(request, workload !== null)
  if (signed === null) return { forward: false, owner, code: 'missing_provider_key' }
  const { keyId, problem } = signed
  return problem === null
    ? {
        forward: true,
        owner,
        credential: { key: null, isSigned: true, hint: keyHint(keyId), kind: 'signature' },
      }
    : { forward: false, owner, code: 'invalid_request', message: problem }
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
