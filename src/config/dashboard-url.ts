import { publicOrigin } from './public-listener.ts'
import type { Config } from './schema.ts'

/** Address of the dashboard as people type it, with a slash at its end. */
export function dashboardUrl({ dashboard, ...config }: Config): string {
  if (dashboard.publicUrl !== undefined) return new URL('/ui/', dashboard.publicUrl).href
  return `${publicOrigin({ ...config, host: reachable(config.host) })}/ui/`
}

/** Whether one can sign in there: at this machine, or behind TLS. */
export function isSignInPossible({ dashboard, host }: Config): boolean {
  return dashboard.publicUrl !== undefined || /^(localhost|127\.|::1$)/.test(reachable(host))
}

/** All addresses are not one of them. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host
}
