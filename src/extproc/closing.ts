import type { ClosingEvidence } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import type { CallMetadata } from './call-metadata.ts'
import type { AccessLogEntry } from './messages.ts'

/**
 * Short names of the members of `ResponseFlags` by field number, as Envoy's text logs print them.
 *
 * Source: proto/envoy/data/accesslog/v3/accesslog.proto and Envoy's response flag table.
 */
const FLAG_NAMES: Readonly<Record<number, string>> = {
  1: 'LH',
  2: 'UH',
  3: 'UT',
  4: 'LR',
  5: 'UR',
  6: 'UF',
  7: 'UC',
  8: 'UO',
  9: 'NR',
  10: 'DI',
  11: 'FI',
  12: 'RL',
  13: 'UAEX',
  14: 'RLSE',
  15: 'DC',
  16: 'URX',
  17: 'SI',
  18: 'IH',
  19: 'DPE',
  20: 'UMSDR',
  21: 'RFCF',
  22: 'NFCF',
  23: 'DT',
  24: 'UPE',
  25: 'NC',
  26: 'OM',
  27: 'DF',
  28: 'DR',
}

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
    response_flags: flagNames(entry).join(','),
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
      ? flagNames(entry).filter((flag) => flag !== 'DC' && flag !== 'DR')
      : flagNames(entry)
  return flags.length > 0 || entry.details?.startsWith('max_duration_timeout') === true
}

function flagNames(entry: AccessLogEntry): string[] {
  return entry.flags.map((field) => FLAG_NAMES[field] ?? `flag${field}`)
}
