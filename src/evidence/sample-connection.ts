import type { ConnectionRow } from './connection.ts'
import { derivedRecordId, timestampText } from './record-id.ts'

/** A connection for tests; `id` makes it one of its own. */
export function sampleConnection(
  {
    org,
    openedAtMs,
    id = 0,
  }: { readonly org: string; readonly openedAtMs: number; readonly id?: number },
  more: Partial<ConnectionRow> = {},
): ConnectionRow {
  return {
    ...{ org, opened_at: timestampText(openedAtMs), duration_ms: 3_000, version: 3_000 },
    connection_id: derivedRecordId(openedAtMs, id.toString(16).padStart(18, '0')),
    ...{ host: 'api.openai.com', provider: 'openai', policy: 'opaque' },
    workload: 'spiffe://cluster.local/ns/shop/sa/checkout',
    ...{ namespace: 'shop', service_account: 'checkout', cluster: null },
    ...{ identity_basis: 'proxy_certificate', source_address: '10.1.2.3' },
    ...{ upstream_address: '162.159.140.245:443', bytes_sent: 500, bytes_received: 6_000 },
    response_flags: '',
    ...more,
  }
}
