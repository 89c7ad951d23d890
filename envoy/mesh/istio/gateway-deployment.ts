import { stringify } from 'yaml'
import type { Config } from '../../../src/config/schema.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { GATEWAY, GATEWAY_LABELS, GATEWAY_PORT } from './egress-gateway.ts'

/** Without it Istio's proxies count nothing of Flint's filters. */
const COUNTED = { proxyStatsMatcher: { inclusionRegexps: ['.*ext_proc.*'] } }

/**
 * A gateway for nothing but calls to providers: the guard refuses whatever Flint has not seen, so
 * other traffic has no place in it. Istio fills the pod in (gateway injection).
 */
export function gatewayDeploymentFile({ mesh: { manifests: mesh } }: Config): ManifestFile {
  const metadata = { name: GATEWAY, namespace: mesh.namespace }
  const labels = { ...GATEWAY_LABELS, 'sidecar.istio.io/inject': 'true' }
  const manifests: Manifest[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: mesh.namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: GATEWAY_LABELS,
        ports: [{ name: 'https-providers', port: GATEWAY_PORT, targetPort: GATEWAY_PORT }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: GATEWAY_LABELS },
        template: {
          metadata: {
            labels,
            annotations: {
              'inject.istio.io/templates': 'gateway',
              'proxy.istio.io/config': stringify(COUNTED),
            },
          },
          spec: {
            serviceAccountName: GATEWAY,
            // Calls that are open when a pod goes are brought to their end.
            terminationGracePeriodSeconds: 600,
            securityContext: { runAsNonRoot: true },
            containers: [
              {
                name: 'istio-proxy',
                image: 'auto',
                ports: [{ containerPort: GATEWAY_PORT }],
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  readOnlyRootFilesystem: true,
                },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: GATEWAY_LABELS } },
    },
  ]
  return {
    name: 'gateway.yaml',
    about: 'The egress gateway: for calls to providers alone.',
    manifests,
  }
}
