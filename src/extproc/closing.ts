import type { ClosingEvidence } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import type { CallMetadata } from './call-metadata.ts'
import type { AccessLogEntry } from './messages.ts'
import { flagNames } from './response-flags.ts'

/** How Envoy says the call ended, as a row. */
export function closingOf(
  call: CallMetadata,
  entry: AccessLogEntry,
  version: number,
  writer: string,
): ClosingEvidence {
  const latencyMs = entry.lastByteMs ?? entry.durationMs
  return {
    kind: 'closing',
    ...evidenceKey(call, version, writer),
    key_id: call.keyId,
    key_hint: call.keyHint,
    status: entry.status,
    response_flags: flagNames(entry.flags).join(','),
    response_code_details: entry.details?.slice(0, 200) ?? null,
    request_bytes: entry.requestBytes,
    response_bytes: entry.responseBytes,
    latency_ms: latencyMs === null ? null : Math.round(latencyMs),
    time_to_first_byte_ms: entry.firstByteMs === null ? null : Math.round(entry.firstByteMs),
  }
}

/**
 * True when the caller did not get a whole answer from the provider. A websocket that the caller
 * closes ended well.
 */
export function endedEarly(entry: AccessLogEntry): boolean {
  const flags =
    entry.status === 101
      ? flagNames(entry.flags).filter((flag) => flag !== 'DC' && flag !== 'DR')
      : flagNames(entry.flags)
  return flags.length > 0 || entry.details?.startsWith('max_duration_timeout') === true
}
