import { dashboardUrl } from '../config/dashboard-url.ts'
import type { Acted } from '../identity/events.ts'
import { createSessionAdmin } from '../identity/session-admin.ts'
import type { Installation } from '../installation.ts'
import type { StoreClient } from '../store/client/client.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { createSessionLog } from '../store/identity/session-log.ts'

export interface SignInLink {
  /** The token stands behind `#`: browsers send it to no server, and none writes it into a log. */
  readonly url: string
  /** ISO 8601. */
  readonly expiresAt: string
}

/** An address at which one person may sign in once, as the key of this id. */
export async function makeSignInLink(
  { config, secrets }: Installation,
  store: StoreClient,
  wish: Acted & { readonly org: string; readonly keyId: string },
): Promise<SignInLink> {
  const admin = createSessionAdmin({
    log: createIdentityLog(store),
    sessions: createSessionLog(store),
    secret: secrets.sessionSecret,
  })
  const { token, expiresAt } = await admin.makeLink(wish)
  return { url: `${dashboardUrl(config)}signin#${token}`, expiresAt }
}
