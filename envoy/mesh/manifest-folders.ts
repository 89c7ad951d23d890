import type { Config } from '../../src/config/schema.ts'
import { envoyGatewayManifests } from './envoy-gateway/envoy-gateway-manifests.ts'
import { istioManifests } from './istio/istio-manifests.ts'
import type { ManifestFile } from './manifest.ts'

/** Control planes that Flint has manifests for. */
export const CONTROL_PLANES = {
  istio: istioManifests,
  'envoy-gateway': envoyGatewayManifests,
} as const satisfies Record<string, (config: Config) => readonly ManifestFile[]>

export type ControlPlane = keyof typeof CONTROL_PLANES
