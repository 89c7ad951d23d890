import http from 'node:http'
import { type DataPaths, metricsSocket } from '../config/data-paths.ts'

/** What a part of this installation serves on its Unix socket; null where it does not run or does not answer. */
export function readSocket(socketPath: string, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path, timeout: 5_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
  })
}

/** Every role that serves metrics. */
export const METERED_ROLES = ['gate', 'observer', 'delivery', 'api'] as const

/** Prometheus text of a role; null where it does not run here. */
export function readMetrics(paths: DataPaths, role: (typeof METERED_ROLES)[number]): Promise<string | null> {
  return readSocket(metricsSocket(paths, role), '/metrics')
}
