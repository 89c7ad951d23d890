import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { dashboardUrl, isSignInPossible } from '../config/dashboard-url.ts'
import { type KeyAdmin, keyState } from '../identity/key-admin.ts'
import { maySignIn, SCOPES } from '../identity/principal.ts'
import { keyAdmin } from '../installation.ts'
import type { KeyRow } from '../store/identity/identity-rows.ts'
import { CLI_ACTOR, organisationOf, say, withRunning } from './running-flint.ts'
import { makeSignInLink } from './sign-in-link.ts'

/** `flint dashboard`: the way in without typing a key. */
export function addDashboardCommand(program: Command): void {
  program
    .command('dashboard')
    .description('print a link that signs in to the dashboard: once, within ten minutes')
    .option('--key <id>', 'key that the session stands for; else the oldest one with scope admin')
    .option('--org <id>', 'organisation; may be left out while there is only one')
    .option('--json', 'for programs')
    .action(({ key: id, org, json }: { key?: string; org?: string; json?: boolean }) =>
      withRunning(async (here, store) => {
        if (!isSignInPossible(here.config))
          throw new ConfigError(
            `no one can sign in at ${dashboardUrl(here.config)}, which is neither this machine nor behind TLS: set dashboard.publicUrl (FLINT_DASHBOARD_PUBLIC_URL)`,
            'dashboard.publicUrl',
          )
        const key = await keyToSignInWith(keyAdmin(here, store), id, org)
        const link = await makeSignInLink(here, store, {
          ...{ actor: CLI_ACTOR, org: key.org, keyId: key.id },
        })
        say(
          json
            ? JSON.stringify({ ...link, keyId: key.id, org: key.org })
            : `${link.url}\n\nSigns in once, until ${link.expiresAt}, as ${key.name} (${key.id}).`,
        )
      }),
    )
}

async function keyToSignInWith(
  admin: Pick<KeyAdmin, 'listKeys' | 'listOrganisations'>,
  id: string | undefined,
  org: string | undefined,
): Promise<KeyRow> {
  const active = (await admin.listKeys()).filter((key) => keyState(key, Date.now()) === 'active')
  if (id !== undefined) {
    const named = active.find((key) => key.id === id)
    if (named === undefined)
      throw new ConfigError(`there is no active key ${id}: see \`npx flint keys list\``, 'key')
    if (!maySignIn(SCOPES.filter((scope) => named.scopes.includes(scope))))
      throw new ConfigError(
        `${id} may not sign in: that takes the scope read or admin, and it has ${named.scopes.join(', ')}`,
        'key',
      )
    return named
  }
  const ofOrg = await organisationOf(org, () => admin.listOrganisations())
  const found = active.find((key) => key.org === ofOrg && key.scopes.includes('admin'))
  if (found === undefined)
    throw new ConfigError(
      `${ofOrg} has no active key with scope admin: name one with --key, or make one with \`npx flint keys create\``,
      'key',
    )
  return found
}
