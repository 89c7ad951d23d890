#!/usr/bin/env node
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, Option } from 'commander'
import { findEnvoy } from '../envoy/find-envoy.ts'
import { renderBootstrap } from '../envoy/render-bootstrap.ts'
import { METERED_ROLES, readMetrics } from './cli/read-socket.ts'
import { installation, say } from './cli/running-flint.ts'
import { ConfigError } from './config/config-error.ts'
import { describeConfig, loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { connectStore, type Installation, openInstallation, prepareInstallation } from './installation.ts'
import { forbidCoreDumps } from './no-core-dumps.ts'
import { byProvider } from './providers/registry.ts'
import { errorName, framesOf, type Role } from './role.ts'
import { up } from './supervisor/up.ts'
import { welcome } from './supervisor/welcome.ts'
import { printable, textTable } from './text-table.ts'

// Whatever this process and its children make is their owner's alone.
process.umask(0o077)

/** Runs a role until it is told to stop. */
async function serve(start: (installation: Installation) => Promise<Role>, { supervised = false }: ServeOptions): Promise<void> {
  forbidCoreDumps()
  const stopping = supervised ? supervisorsOrder() : stopSignal()
  const role = await start(installation())
  await stopping
  await role.close()
  process.exit(0)
}

interface ServeOptions {
  /** Started by `flint up`, which ends the parts one after the other. */
  readonly supervised?: boolean
}

/** One stop may reach a process twice: the group's signal, and npm that passes its own on. */
const SAME_STOP_MS = 1_000

/** Resolves at the first SIGINT or SIGTERM; one that comes later ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAtMs: number | null = null
    const stop = () => {
      firstAtMs ??= performance.now()
      if (performance.now() - firstAtMs > SAME_STOP_MS) process.exit(130)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}

/**
 * A signal to every process of a service (systemd's KillMode=control-group) is for `flint up` to heed, in its order: a part of
 * it ends when its stdin does. SIGUSR2 ends this part alone, which is then started again.
 */
function supervisorsOrder(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  return new Promise((resolve) => {
    process.once('SIGUSR2', () => resolve())
    process.stdin
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve())
      .resume()
  })
}

const program = new Command('flint').description('The audit log for every AI call that passes Envoy.').version(packageVersion())

program
  .command('up')
  .description('bring up everything on this machine')
  .option('--demo', 'with a small local provider and a few calls through it')
  .action(async ({ demo }: { demo?: boolean }) => {
    forbidCoreDumps()
    const self = fileURLToPath(import.meta.url)
    const loaded = loadConfig(process.env)
    const provider = demo ? await (await import('./demo/demo-provider.ts')).startDemoProvider() : null
    const config = provider ? withUpstream(loaded.config, provider.upstream) : loaded.config
    for (const warning of loaded.warnings) console.error(`warning: ${warning}`)
    const here = openInstallation(config)
    const stopping = stopSignal()
    const flint = await up({ installation: here, program: [process.execPath, ...process.execArgv, self], say })
    for (const line of welcome(flint, here, demo === true)) say(line)
    if (demo) await (await import('./demo/demo.ts')).runDemo({ flint, installation: here, say })
    await stopping
    say('\nstopping …')
    await flint.stop()
    await provider?.close()
    process.exit(0)
  })

program
  .command('migrate')
  .description('prepare the tables and the first organisation, where you run the roles yourself')
  .action(async () => {
    const first = await prepareInstallation(installation())
    say('the tables are up to date')
    if (first) say(`Flint key of your first organisation, shown this once: ${first.key}`)
  })

const role = (name: string, description: string, load: () => Promise<(installation: Installation) => Promise<Role>>) =>
  program
    .command(name)
    .description(description)
    .addOption(new Option('--supervised', 'ends when its stdin does, not by a signal').hideHelp())
    .action(async (options: ServeOptions) => serve(await load(), options))
role('gate', 'the gate alone (flint.auth)', async () => (await import('./app/start-gate.ts')).startGate)
role(
  'observer',
  'the observer alone (flint.observe and the access log stream)',
  async () => (await import('./app/start-observer.ts')).startObserver,
)
role('delivery', 'spool to ClickHouse alone', async () => (await import('./app/start-delivery.ts')).startDelivery)
role('api', 'the REST API alone', async () => (await import('./app/start-api.ts')).startApi)

const envoy = program.command('envoy').description('Envoy: its configuration and its binary')
envoy
  .command('config')
  .description('print the bootstrap that Flint runs Envoy with')
  .action(() => {
    const here = installation()
    process.stdout.write(renderBootstrap(here.config, here.paths, here.instance))
  })
envoy
  .command('path')
  .description('print where Envoy is, getting it where it is missing')
  .action(async () =>
    say(await findEnvoy({ configuredPath: loadConfig(process.env).config.envoy.path, say: (line) => console.error(line) })),
  )

// Loaded only where they may be meant: the price book and what else they need would rest in every process that serves.
const SERVING: readonly (string | undefined)[] = ['up', 'gate', 'observer', 'delivery', 'api']
if (!SERVING.includes(process.argv[2])) (await import('./cli/commands.ts')).addRunningFlintCommands(program)

program
  .command('sql')
  .description('ask ClickHouse one question; for the operator, over all organisations')
  .argument('<query>', 'a SELECT, e.g. "SELECT model, sum(cost_usd) FROM calls GROUP BY model"')
  .option('--json', 'one JSON object per row')
  .action(async (query: string, { json }: { json?: boolean }) => {
    const store = connectStore(installation())
    try {
      const rows = await store.rows({ tag: 'cli:sql', sql: query, settings: { readonly: '2' } })
      // What a terminal would obey is escaped in JSON as well: it reads the same.
      if (json) for (const row of rows) say(printable(JSON.stringify(row)))
      else
        say(
          textTable(
            Object.keys(rows[0] ?? {}),
            rows.map((row) => Object.values(row).map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))),
          ),
        )
    } catch (error) {
      // The operator's own statement: ClickHouse's words about it are for him.
      throw new ConfigError(error instanceof Error ? error.message : 'the query failed', 'query')
    } finally {
      await store.close()
    }
  })

program
  .command('openapi')
  .description('print the OpenAPI document of the REST API')
  .action(async () => {
    process.stdout.write(await (await import('./api/write-openapi.ts')).renderOpenApi())
  })

program
  .command('config')
  .description('print the effective configuration, secrets masked')
  .action(() => say(JSON.stringify(describeConfig(loadConfig(process.env).config), null, 2)))

program
  .command('metrics')
  .description('print the metrics of every running role (Prometheus text)')
  .action(async () => {
    const { paths } = installation()
    for (const role of METERED_ROLES) say((await readMetrics(paths, role)) ?? `# ${role} does not run here\n`)
  })

/** One origin for all providers; their other settings stay. */
function withUpstream(config: Config, upstream: string): Config {
  const providers = byProvider(({ name }) => ({ ...config.providers[name], upstream }))
  return { ...config, providers: { ...config.providers, ...providers } }
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return String((JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version)
}

/** A crash tells where, never what: messages may quote what a stranger sent. */
function crash(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode)
  if (error instanceof ConfigError) console.error(`flint: ${error.message}`)
  else {
    // What `up` reports of its own children is ours to say; a role's crash is named only.
    const message = error instanceof Error && process.argv[2] === 'up' ? error.message : errorName(error)
    console.error([`flint: ${message}`, ...(process.argv[2] === 'up' ? [] : framesOf(error))].join('\n'))
  }
  process.exit(1)
}

process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
await program.parseAsync().catch(crash)
