import path from 'node:path'
import type { Logger } from 'pino'
import type { ApiDashboard } from '../api/dashboard/dashboard.ts'
import { packageRoot } from '../config/package-root.ts'
import {
  createAuthenticationFailures,
  type FailureReason,
} from '../identity/authentication-failures.ts'
import type { KeyCache } from '../identity/key-cache.ts'
import { NO_USERS } from '../identity/role-mapping.ts'
import { createSessionAdmin } from '../identity/session-admin.ts'
import { SessionCache } from '../identity/session-cache.ts'
import { SessionDirectory } from '../identity/session-directory.ts'
import type { Installation } from '../installation.ts'
import { repeat, warnOnce } from '../process/repeat.ts'
import type { StoreClient } from '../store/client/client.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { createSessionLog } from '../store/identity/session-log.ts'
import { openOidc } from './open-oidc.ts'

/** A session that ended elsewhere has ended here within two seconds. */
const SESSION_REFRESH_MS = 1_500

export interface OpenDashboard {
  readonly dashboard: ApiDashboard
  /** Writes uses of sessions and refused sign-ins; what the store does not take is kept. */
  flush(): Promise<void>
  stop(): void
}

/** Sessions in memory and what the API needs for the dashboard. */
export function openDashboard(
  installation: Installation,
  store: StoreClient,
  log: Logger,
  keys: KeyCache,
  counters: Record<FailureReason, number>,
): OpenDashboard {
  const { config, paths, secrets } = installation
  const identity = createIdentityLog(store)
  const sessions = createSessionLog(store)
  const secret = secrets.sessionSecret
  const cache = new SessionCache({
    file: path.join(paths.secrets, 'sessions.json'),
    load: () => sessions.listSessions(),
    revision: () => sessions.revision(),
  })
  cache.watchCopy()
  const stopRefreshing = repeat(
    SESSION_REFRESH_MS,
    () => cache.refresh(),
    warnOnce(log, 'sessions could not be refreshed'),
  )
  const signInFailures = createAuthenticationFailures({
    log: identity,
    where: 'dashboard',
    counters,
  })
  const oidc = openOidc(installation, log, identity, signInFailures)
  const directory = new SessionDirectory({
    ...{ cache, keys, users: oidc?.roles ?? NO_USERS },
    secret,
    idleMs: config.dashboard.sessionIdleMinutes * 60_000,
    noteUses: (uses) => sessions.noteUses(uses),
  })
  return {
    dashboard: {
      publicUrl: config.dashboard.publicUrl,
      pageDirectory: path.join(packageRoot(), 'dist', 'dashboard'),
      keys,
      directory,
      oidc: oidc?.api ?? null,
      admin: createSessionAdmin({ log: identity, sessions, secret }),
      signInFailures,
      refreshDirectory: () => cache.refresh(),
    },
    async flush() {
      await Promise.all([signInFailures.flush(), directory.flush()])
    },
    stop() {
      void stopRefreshing()
      cache.stop()
    },
  }
}
