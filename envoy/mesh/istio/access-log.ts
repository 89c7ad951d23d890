import type { Config } from '../../../src/config/schema.ts'
import type { ManifestFile } from '../manifest.ts'
import { GATEWAY_LABELS } from './egress-gateway.ts'

/**
 * The mesh's own access log prints paths with their query, in which Gemini's callers may have their
 * key. On the gateway Flint's logs (chain.yaml) are enough.
 */
export function accessLogFile({ mesh: { manifests: mesh } }: Config): ManifestFile {
  return {
    name: 'access-log.yaml',
    about:
      'Off on the gateway: the mesh’s own access log, which prints queries, and so keys that stand in them. The access log service and the log without queries are in chain.yaml.',
    manifests: [
      {
        apiVersion: 'telemetry.istio.io/v1',
        kind: 'Telemetry',
        metadata: { name: 'flint', namespace: mesh.namespace },
        spec: {
          selector: { matchLabels: GATEWAY_LABELS },
          accessLogging: [{ disabled: true }],
          tracing: [{ disableSpanReporting: true }],
        },
      },
    ],
  }
}
