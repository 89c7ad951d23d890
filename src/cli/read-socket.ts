import { askSocket } from '../ask-socket.ts'
import { type DataPaths, metricsSocket } from '../config/data-paths.ts'

/** Every role that serves metrics. */
export const METERED_ROLES = ['gate', 'observer', 'delivery', 'api'] as const

/** Prometheus text of a role; null where it does not run here. */
export function readMetrics(
  paths: DataPaths,
  role: (typeof METERED_ROLES)[number],
): Promise<string | null> {
  return askSocket(metricsSocket(paths, role), '/metrics')
}
