import { ConfigError } from '../config/config-error.ts'
import { loadConfig } from '../config/load.ts'
import { connectStore, type Installation, openInstallation } from '../installation.ts'
import type { StoreClient } from '../store/client/client.ts'

/** Who the events name: the person at the machine itself. */
export const CLI_ACTOR = 'cli'

export const say = (line: string) => console.log(line)

export function installation(): Installation {
  const { config, warnings } = loadConfig(process.env)
  for (const warning of warnings) console.error(`warning: ${warning}`)
  return openInstallation(config)
}

/** For commands that reach a running Flint through its data directory (or clickhouse.url). */
export async function withRunning(
  act: (here: Installation, store: StoreClient) => Promise<void>,
): Promise<void> {
  const here = installation()
  const store = connectStore(here)
  try {
    if (!(await store.ping()))
      throw new ConfigError(
        `no Flint is running on ${here.paths.root}: start it, or set dataDir (FLINT_DATA_DIR)`,
        'dataDir',
      )
    await act(here, store)
  } finally {
    await store.close()
  }
}

/** The organisation that a command means: the named one, or the only one there is. */
export async function organisationOf(
  named: string | undefined,
  list: () => Promise<readonly { readonly id: string }[]>,
): Promise<string> {
  const organisations = await list()
  if (named !== undefined) {
    if (!organisations.some(({ id }) => id === named))
      throw new ConfigError(`there is no organisation ${named}: see \`npx flint orgs list\``, 'org')
    return named
  }
  const [first, ...others] = organisations
  if (!first || others.length > 0)
    throw new ConfigError(
      `there are ${organisations.length} organisations: name one with --org`,
      'org',
    )
  return first.id
}
