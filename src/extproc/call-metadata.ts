import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { type CapturePolicy, policyName, policyNamed } from '../content/capture-policy.ts'
import type { Provider } from '../evidence/evidence.ts'
import { isProviderName } from '../evidence/provider-name.ts'
import { SECOND_SIGHTING } from '../evidence/sighting.ts'

/**
 * Namespace of Envoy's dynamic metadata that carries a call's identity from the gate to every later
 * writer.
 */
export const METADATA_NAMESPACE = 'flint.audit'

/** What the gate says of a call; small, because Envoy repeats it on every observed message. */
export interface CallMetadata {
  readonly recordId: string
  readonly org: string
  /** Null where the call came through a mesh, without a Flint key. */
  readonly keyId: string | null
  readonly keyHint: string | null
  readonly provider: Provider
  /** What is to be kept of its text; null: nothing. */
  readonly capture: CapturePolicy | null
  /** A proxy before this one has the call already: nothing that is seen of it here is evidence. */
  readonly isSecond?: true
}

/**
 * Signs and verifies the gate's claims, so that observers and log readers believe no one else's.
 */
export interface MetadataSeal {
  seal(call: CallMetadata, echo: boolean): Record<string, string>
  /** null when the metadata is absent, incomplete or not ours. */
  open(fields: ReadonlyMap<string, string> | null): CallMetadata | null
}

const MAC_BYTES = 16

/**
 * `secret` is shared by all gates and observers of one installation. What is sealed under
 * `previous` is believed too: while a pepper is changed, replicas with the old and the new one run
 * side by side.
 */
export function createMetadataSeal(secret: Buffer, previous: Buffer | null = null): MetadataSeal {
  const key = createSecretKey(secret)
  const previousKey = previous && createSecretKey(previous)
  const macUnder = (under: KeyObject, call: CallMetadata) =>
    createHmac('sha256', under)
      .update(
        `${call.recordId}\n${call.org}\n${call.keyId ?? ''}\n${call.keyHint ?? ''}\n${call.provider}\n${captureText(call)}`,
      )
      .digest()
      .subarray(0, MAC_BYTES)
  const isSealed = (call: CallMetadata, given: Buffer) => {
    if (given.length !== MAC_BYTES) return false
    return (
      timingSafeEqual(given, macUnder(key, call)) ||
      (previousKey !== null && timingSafeEqual(given, macUnder(previousKey, call)))
    )
  }
  return {
    seal(call, echo) {
      const fields: Record<string, string> = {
        record_id: call.recordId,
        org: call.org,
        key_id: call.keyId ?? '',
        key_hint: call.keyHint ?? '',
        provider: call.provider,
        ...(captureText(call) === '' ? {} : { capture: captureText(call) }),
        mac: macUnder(key, call).toString('base64url'),
      }
      // The route adds this to the answer as x-flint-request-id; outside the MAC because nothing is
      // derived from it.
      if (echo) fields['echo'] = call.recordId
      return fields
    },
    open(fields) {
      const recordId = fields?.get('record_id')
      const org = fields?.get('org')
      const provider = fields?.get('provider')
      const isSecond = fields?.get('capture') === SECOND_SIGHTING
      const capture = isSecond ? null : policyNamed(fields?.get('capture') ?? '')
      if (!fields || !recordId || !org || !isProviderName(provider) || capture === undefined)
        return null
      const call: CallMetadata = {
        recordId,
        org,
        keyId: fields.get('key_id') || null,
        keyHint: fields.get('key_hint') || null,
        provider,
        capture,
        ...(isSecond ? { isSecond } : {}),
      }
      const given = Buffer.from(fields.get('mac') ?? '', 'base64url')
      return isSealed(call, given) ? call : null
    },
  }
}

function captureText({ capture, isSecond }: CallMetadata): string {
  return isSecond ? SECOND_SIGHTING : policyName(capture)
}
