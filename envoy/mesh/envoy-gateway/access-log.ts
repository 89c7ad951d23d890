import type { Chain } from '../chain.ts'
import { clusterSettings } from './cluster-settings.ts'
import { OBSERVER, toBackend } from './names.ts'

interface StdoutLog {
  readonly typed_config: {
    readonly log_format: { readonly json_format: Readonly<Record<string, string>> }
  }
}

interface ServiceLog {
  readonly typed_config: { readonly common_config: { readonly log_name: string } }
}

/**
 * In place of Envoy Gateway's own log, which prints paths with their query, and keys in it. Of
 * calls alone (`Route`): the listener's log would say of a connection what no one asks for.
 */
export function accessLogSettings({ accessLogs, clusters }: Chain) {
  const [closing, written] = accessLogs as unknown as readonly [ServiceLog, StdoutLog]
  const [, observer = {}] = clusters
  return [
    {
      type: 'Route',
      format: { type: 'JSON', json: written.typed_config.log_format.json_format },
      sinks: [{ type: 'File', file: { path: '/dev/stdout' } }],
    },
    {
      type: 'Route',
      sinks: [
        {
          type: 'ALS',
          als: {
            type: 'HTTP',
            logName: closing.typed_config.common_config.log_name,
            backendRefs: [toBackend(OBSERVER)],
            backendSettings: clusterSettings(observer),
          },
        },
      ],
    },
  ]
}
