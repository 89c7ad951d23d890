import { createHash } from 'node:crypto'
import type { AccessLogEvidence, Provider } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { isProviderName } from '../evidence/provider-name.ts'
import { derivedRecordId } from '../evidence/record-id.ts'
import { SECOND_SIGHTING } from '../evidence/sighting.ts'

/**
 * One line of Envoy's JSON access log (envoy/bootstrap.yaml, flint.access_log), read the same by
 * the tail and by `flint reconcile`.
 */

/**
 * Whose calls are kept that reached a provider and that no gate let through: no one knows the
 * organisation, so no key may see them. Organisations' ids begin with `org_`.
 */
export const UNATTRIBUTED = 'unattributed'

export interface LoggedCall {
  readonly kind: 'call'
  readonly org: string
  readonly recordId: string
  readonly provider: Provider
  /** Null when the caller left before there was one. */
  readonly status: number | null
  readonly flags: string
  readonly details: string | null
  readonly requestBytes: number
  readonly responseBytes: number
  readonly durationMs: number | null
  /** Its metadata names a record that no gate made. */
  readonly forged: boolean
  /**
   * When Envoy says that it ended, milliseconds since the epoch; null where the line does not tell.
   */
  readonly endedAtMs: number | null
}

export type LogLine =
  | LoggedCall
  /**
   * On a provider's route, but nothing was forwarded and no record was made: by the gate's
   * decision, or for want of it.
   */
  | { readonly kind: 'refused'; readonly why: string; readonly forged: boolean }
  /** The API's own, a second proxy's line of a call that the first one logs, and the like. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' }

const RECORD_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** Only the name itself: details can end in text of a peer. */
const REASON = /^[a-z0-9_.]*/i

/**
 * True when a gate of this installation said this of the call (extproc/call-metadata.ts): anybody
 * may write into a log's metadata.
 */
export type IsSealedByGate = (fields: ReadonlyMap<string, string>) => boolean

const MAX_STATUS = 999

const CLAIM_FIELDS = ['record_id', 'org', 'key_id', 'key_hint', 'capture', 'mac'] as const

export function readLogLine(line: Buffer, isSealedByGate: IsSealedByGate): LogLine {
  let parsed: unknown
  try {
    parsed = JSON.parse(line.toString('utf8'))
  } catch {
    return { kind: 'unreadable' }
  }
  if (typeof parsed !== 'object' || parsed === null) return { kind: 'unreadable' }
  const entry = parsed as Record<string, unknown>
  // A log may come from anywhere: what its columns would refuse is not known.
  const number = (name: string) => (isCount(entry[name]) ? entry[name] : null)
  const text = (name: string) =>
    typeof entry[name] === 'string' && entry[name] !== '-' ? entry[name] : null
  const [status, details, org] = [number('status'), text('details'), text('org')]
  const named = text('record_id')
  const claim = new Map<string, string>(CLAIM_FIELDS.map((name) => [name, text(name) ?? '']))
  // Routes of others have names of their own; and earlier builds named the provider by the route.
  const provider = text('provider') ?? entry['route']
  if (!isProviderName(provider)) return { kind: 'other' }
  const recordId =
    named !== null && RECORD_ID.test(named) && isSealedByGate(claim.set('provider', provider))
      ? named
      : null
  // The proxy before it logs the same call, and that line counts.
  if (recordId !== null && claim.get('capture') === SECOND_SIGHTING) return { kind: 'other' }
  const forged = recordId === null && claim.get('mac') !== ''
  const forwarded = text('upstream') !== null || details === 'via_upstream'
  if (recordId === null && !forwarded)
    return { kind: 'refused', why: REASON.exec(details ?? 'no_answer')?.[0] ?? '', forged }
  const startedAtMs = Date.parse(text('start_time') ?? '')
  const durationMs = number('duration_ms')
  const own =
    recordId ??
    (Number.isNaN(startedAtMs) ? null : lineRecordId(startedAtMs, text('line_id') ?? line))
  if (own === null) return { kind: 'unreadable' }
  return {
    kind: 'call',
    org: recordId === null ? UNATTRIBUTED : (org ?? UNATTRIBUTED),
    recordId: own,
    provider,
    status: status === null || status === 0 || status > MAX_STATUS ? null : status,
    flags: text('flags') ?? '',
    details: details?.slice(0, 200) ?? null,
    requestBytes: number('request_bytes') ?? 0,
    responseBytes: number('response_bytes') ?? 0,
    durationMs,
    forged,
    endedAtMs: Number.isNaN(startedAtMs) || durationMs === null ? null : startedAtMs + durationMs,
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/**
 * Out of the line's own identity: the same line, read again or from a copy, is the same
 * call.
 */
function lineRecordId(startedAtMs: number, identity: string | Buffer): string {
  const hash = createHash('sha256').update('flint envoy log line\n').update(identity).digest('hex')
  return derivedRecordId(startedAtMs, hash)
}

/** The line as evidence. */
export function accessLogEvidence(
  call: LoggedCall,
  version: number,
  writer: string,
): AccessLogEvidence {
  return {
    kind: 'access_log',
    ...evidenceKey(call, version, writer),
    status: call.status,
    response_flags: call.flags,
    response_code_details: call.details,
    request_bytes: call.requestBytes,
    response_bytes: call.responseBytes,
    latency_ms: call.durationMs,
  }
}
