import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { isSignInPossible } from '../config/dashboard-url.ts'
import { loadConfig } from '../config/load.ts'
import { publicTls } from '../config/public-listener.ts'
import type { Config } from '../config/schema.ts'
import type { NewKey } from '../identity/key-admin.ts'
import { connectStore, type Installation, openInstallation } from '../installation.ts'
import { forbidCoreDumps } from '../process/no-core-dumps.ts'
import { stopSignal } from '../process/stop-signals.ts'
import { collectStartUpGarbage } from '../process/young-generation.ts'
import { up } from '../supervisor/up.ts'
import { welcome } from '../supervisor/welcome.ts'
import { say } from './running-flint.ts'
import { makeSignInLink } from './sign-in-link.ts'

/** `mainFile`: the program that the parts are started with. */
export function addUpCommand(program: Command, mainFile: string): void {
  program
    .command('up')
    .description('bring up everything on this machine')
    .option('--demo', 'with a small local provider and calls through it, until Ctrl-C')
    .action(async ({ demo }: { demo?: boolean }) => {
      forbidCoreDumps()
      const loaded = loadConfig(process.env)
      if (demo && publicTls(loaded.config) !== null)
        throw new ConfigError('--demo makes calls over plain HTTP: leave out tls.certFile', 'tls')
      const provider = demo
        ? await (await import('../demo/demo-provider.ts')).startDemoProvider()
        : null
      const config = provider ? withUpstream(loaded.config, provider.upstream) : loaded.config
      for (const warning of loaded.warnings) console.error(`warning: ${warning}`)
      const here = openInstallation(config)
      const stopping = stopSignal()
      const flint = await up({
        installation: here,
        program: [process.execPath, ...process.execArgv, mainFile],
        say,
      })
      const link = await firstLink(here, flint.firstKey)
      for (const line of welcome(flint, here, demo === true, link)) say(line)
      const trickle = demo
        ? await (await import('../demo/demo.ts')).runDemo({ flint, installation: here, say })
        : null
      collectStartUpGarbage()
      await stopping
      say('\nstopping …')
      await trickle?.stop()
      await flint.stop()
      await provider?.close()
      process.exit(0)
    })
}

/**
 * Beside a key that was just made, its owner's first way in; null for one that is known already.
 */
async function firstLink(here: Installation, firstKey: NewKey | null): Promise<string | null> {
  if (firstKey === null || !isSignInPossible(here.config)) return null
  const store = connectStore(here)
  try {
    const { org, id: keyId } = firstKey
    return (await makeSignInLink(here, store, { actor: 'flint', org, keyId })).url
  } finally {
    await store.close()
  }
}

/** One origin for all providers; their other settings stay. */
function withUpstream(config: Config, upstream: string): Config {
  const { idleTimeoutSeconds, ...named } = config.providers
  const providers = Object.entries<object>(named).map(([name, settings]) => [
    name,
    { ...settings, upstream },
  ])
  return { ...config, providers: { ...Object.fromEntries(providers), idleTimeoutSeconds } }
}
