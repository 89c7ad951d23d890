import { type Command, Option } from 'commander'
import { type Installation, prepareInstallation } from '../installation.ts'
import { forbidCoreDumps } from '../process/no-core-dumps.ts'
import type { Role } from '../process/role.ts'
import { stopSignal, supervisorsOrder } from '../process/stop-signals.ts'
import { collectStartUpGarbage, growYoungGenerationWithLoad } from '../process/young-generation.ts'
import { installation, say } from './running-flint.ts'

type Start = (installation: Installation) => Promise<Role>

interface ServeOptions {
  /** Started by `flint up`, which ends the parts one after the other. */
  readonly supervised?: boolean
}

/**
 * Each part alone, for those who supervise processes themselves. A part's code is loaded only where
 * it runs.
 */
export function addRoleCommands(program: Command): void {
  program
    .command('migrate')
    .description('prepare the tables and the first organisation, where you run the roles yourself')
    .action(async () => {
      const first = await prepareInstallation(installation())
      say('the tables are up to date')
      if (first) say(`Flint key of your first organisation, shown this once: ${first.key}`)
    })

  const role = (name: string, description: string, load: () => Promise<Start>) =>
    program
      .command(name)
      .description(description)
      .addOption(new Option('--supervised', 'ends when its stdin does, not by a signal').hideHelp())
      .action(async (options: ServeOptions) => serve(await load(), options))
  role(
    'gate',
    'the gate alone (flint.auth)',
    async () => (await import('../app/start-gate.ts')).startGate,
  )
  role('observer', 'the observer alone (flint.observe and the access log stream)', async () => {
    return (await import('../app/start-observer.ts')).startObserver
  })
  role(
    'delivery',
    'spool to ClickHouse alone',
    async () => (await import('../app/start-delivery.ts')).startDelivery,
  )
  role('api', 'the REST API alone', async () => (await import('../app/start-api.ts')).startApi)
}

/** Runs a role until it is asked to stop. */
async function serve(start: Start, { supervised = false }: ServeOptions): Promise<void> {
  forbidCoreDumps()
  const stopping = supervised ? supervisorsOrder() : stopSignal()
  const role = await start(installation())
  collectStartUpGarbage()
  growYoungGenerationWithLoad()
  await stopping
  await role.close()
  process.exit(0)
}
