import type { EvidenceKey, Provider } from './evidence.ts'
import { createdAtMs, timestampText } from './record-id.ts'

/**
 * Which call a statement is about, whose it is and which of a witness's statements it is: the
 * columns every row begins with.
 */
export function evidenceKey(
  call: { readonly org: string; readonly recordId: string; readonly provider: Provider },
  version: number,
  witness: string,
): EvidenceKey & { readonly provider: Provider } {
  return {
    org: call.org,
    created_at: timestampText(createdAtMs(call.recordId)),
    record_id: call.recordId,
    version,
    witness,
    provider: call.provider,
  }
}
