import type { EvidenceKey, Provider } from './evidence.ts'
import { createdAtMs, timestampText } from './record-id.ts'

/**
 * Which call a row is about, whose call it is and which of its writer's rows it is: the columns
 * every row begins with.
 */
export function evidenceKey(
  call: { readonly org: string; readonly recordId: string; readonly provider: Provider },
  version: number,
  writer: string,
): EvidenceKey & { readonly provider: Provider } {
  return {
    org: call.org,
    created_at: timestampText(createdAtMs(call.recordId)),
    record_id: call.recordId,
    version,
    writer,
    provider: call.provider,
  }
}
