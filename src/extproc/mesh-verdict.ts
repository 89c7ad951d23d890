import { isVerified, type WorkloadIdentity } from '../evidence/identity-basis.ts'
import type { MeshOrganisations } from '../identity/mesh-organisations.ts'
import type { CallerRequest } from './caller-request.ts'
import { type CallerKeys, keyHint } from './credentials.ts'
import type { Route } from './route.ts'
import type { Credential, Verdict } from './verdict.ts'

/**
 * True where a call on a route of a mesh brings a Flint key, or something of one: it is judged by
 * that, and a wrong one is refused. It must reach no provider, and no one may fall back on being a
 * workload.
 */
export function bringsFlintKey({ keys }: CallerRequest, { flint, stray }: CallerKeys): boolean {
  return flint !== '' || stray !== null || keys.flintKey !== ''
}

/** A call without a Flint key on a route of a mesh: its app knows nothing of Flint. */
export function judgeWorkload(
  { keys: places }: CallerRequest,
  route: Route,
  keys: CallerKeys,
  workload: WorkloadIdentity,
  organisations: MeshOrganisations,
): Verdict {
  const found = organisations.organisationOf({
    ...workload,
    isVerified: isVerified(workload.basis),
  })
  if (found === null)
    return {
      forward: false,
      owner: null,
      code: 'forbidden',
      message: `No organisation of Flint has the workload ${workload.workload ?? 'that made this call'}: the operator says which by \`npx flint mesh assign\`.`,
    }
  const { org, capture } = found
  return {
    forward: true,
    owner: { org, keyId: null, capture },
    credential: credentialOf(places.authorization, route, keys.provider),
  }
}

/** Whatever pays stays where it is, and is the provider's to judge. */
function credentialOf(authorization: string, { provider }: Route, key: string): Credential {
  const signature = provider.signature?.(authorization) ?? null
  if (signature !== null)
    return {
      ...{ key: null, isUntouched: true },
      ...{ hint: keyHint(signature.keyId), kind: 'signature' },
    }
  if (key === '') return { key: null, isUntouched: true, hint: null, kind: null }
  return {
    ...{ key: null, isUntouched: true },
    ...{ hint: keyHint(key), kind: provider.credentialKind(key) },
  }
}
