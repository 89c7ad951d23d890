import type { Config } from './schema.ts'

/** Where a role serves its metrics over HTTP; null where it serves them on its socket alone. */
export function metricsPort(
  { metrics }: Pick<Config, 'metrics'>,
  role: 'gate' | 'observer' | 'delivery' | 'api',
): { readonly host: string; readonly port: number; readonly setting: string } | null {
  const port = metrics[`${role}Port`]
  return port === undefined ? null : { host: metrics.host, port, setting: `metrics.${role}Port` }
}
