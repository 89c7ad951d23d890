#!/usr/bin/env node
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { findEnvoy } from '../envoy/find-envoy.ts'
import { renderBootstrap } from '../envoy/render-bootstrap.ts'
import { renderOpenApi } from './api/write-openapi.ts'
import { startApi, startDelivery, startGate, startObserver } from './app.ts'
import { registerPriceCommands } from './commands/prices.ts'
import { ConfigError } from './config/config-error.ts'
import { describeConfig, loadConfig } from './config/load.ts'
import { SCOPES, type Scope } from './identity/principal.ts'
import { connectStore, type Installation, keyAdmin, openInstallation, prepareInstallation } from './installation.ts'
import { errorName, type Role } from './role.ts'
import { up } from './supervisor/up.ts'
import { welcome } from './supervisor/welcome.ts'
import { textTable } from './text-table.ts'

// Whatever this process and its children make is their owner's alone.
process.umask(0o077)

const say = (line: string) => console.log(line)

function installation(): Installation {
  const { config, warnings } = loadConfig(process.env)
  for (const warning of warnings) console.error(`warning: ${warning}`)
  return openInstallation(config)
}

/** Runs a role until it is told to stop. */
async function serve(start: (installation: Installation) => Promise<Role>): Promise<void> {
  const role = await start(installation())
  await stopSignal()
  await role.close()
  process.exit(0)
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

function scopeList(text: string): Scope[] {
  return text.split(',').map((word) => {
    const scope = SCOPES.find((known) => known === word.trim())
    if (!scope) throw new InvalidArgumentError(`scopes are ${SCOPES.join(', ')}`)
    return scope
  })
}

function futureDate(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime()) || date.getTime() <= Date.now()) throw new InvalidArgumentError('must be a time to come, ISO 8601')
  return date
}

const program = new Command('flint').description('The audit log for every AI call that passes Envoy.').version(packageVersion())

program
  .command('up')
  .description('bring up everything on this machine')
  .option('--demo', 'with a small local provider and a few calls through it')
  .action(async ({ demo }: { demo?: boolean }) => {
    const self = fileURLToPath(import.meta.url)
    const loaded = loadConfig(process.env)
    const provider = demo ? await (await import('./demo/demo-provider.ts')).startDemoProvider() : null
    const config = provider
      ? { ...loaded.config, providers: { ...loaded.config.providers, openai: provider, anthropic: provider, gemini: provider } }
      : loaded.config
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

program
  .command('gate')
  .description('the gate alone (flint.auth)')
  .action(() => serve(startGate))
program
  .command('observer')
  .description('the observer alone (flint.observe and the access log stream)')
  .action(() => serve(startObserver))
program
  .command('delivery')
  .description('spool to ClickHouse alone')
  .action(() => serve(startDelivery))
program
  .command('api')
  .description('the REST API alone')
  .action(() => serve(startApi))

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

const keys = program.command('keys').description('Flint keys of a running Flint')
keys
  .command('create')
  .description('make a key; it is shown this once')
  .requiredOption('--name <name>', 'what or whom it is for')
  .option('--org <id>', 'organisation; may be left out while there is only one')
  .option('--scopes <list>', `comma separated: ${SCOPES.join(', ')}`, scopeList)
  .option('--expires <time>', 'ISO 8601', futureDate)
  .option('--json', 'for programs')
  .action(async (wish: { name: string; org?: string; scopes?: Scope[]; expires?: Date; json?: boolean }) => {
    await withKeys(async (admin) => {
      const org = wish.org ?? (await onlyOrganisation(await admin.listOrganisations()))
      const made = await admin.createKey({
        org,
        name: wish.name,
        ...(wish.scopes ? { scopes: wish.scopes } : {}),
        expiresAt: wish.expires ?? null,
      })
      say(
        wish.json
          ? JSON.stringify(made)
          : `${made.key}\n\n${made.id} of ${made.org}, scopes ${made.scopes.join(', ')}. It is in force within a few seconds and is not shown again.`,
      )
    })
  })
keys
  .command('list')
  .description('every key, without the keys themselves')
  .option('--org <id>', 'of one organisation')
  .option('--json', 'for programs')
  .action(async ({ org, json }: { org?: string; json?: boolean }) => {
    await withKeys(async (admin) => {
      const rows = await admin.listKeys(org)
      if (json) return say(JSON.stringify(rows.map(({ keyHash: _, ...row }) => row)))
      const state = (row: (typeof rows)[number]) =>
        row.revokedAt ? `revoked ${row.revokedAt}` : row.expiresAt ? `expires ${row.expiresAt}` : 'active'
      say(
        textTable(
          ['id', 'organisation', 'name', 'key', 'scopes', 'created', 'state'],
          rows.map((row) => [row.id, row.org, row.name, row.hint, row.scopes.join(' '), row.createdAt, state(row)]),
        ),
      )
    })
  })
keys
  .command('revoke')
  .description('end a key; gates follow within seconds')
  .argument('<id>', 'key id, as `flint keys list` shows it')
  .action(async (id: string) => {
    await withKeys(async (admin) => {
      if (!(await admin.revokeKey(id))) throw new ConfigError(`there is no key ${id}: see \`flint keys list\``, 'id')
      say(`${id} is revoked`)
    })
  })

registerPriceCommands(program, installation, say)

program
  .command('sql')
  .description('ask ClickHouse one question; for the operator, over all organisations')
  .argument('<query>', 'a SELECT, e.g. "SELECT model, sum(cost_usd) FROM calls GROUP BY model"')
  .option('--json', 'one JSON object per row')
  .action(async (query: string, { json }: { json?: boolean }) => {
    const store = connectStore(installation())
    try {
      const rows = await store.rows({ tag: 'cli:sql', sql: query, settings: { readonly: '2' } })
      if (json) for (const row of rows) say(JSON.stringify(row))
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
    process.stdout.write(await renderOpenApi())
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
    for (const role of ['gate', 'observer', 'delivery', 'api'])
      say(await readSocket(path.join(path.dirname(paths.sockets.gate), `${role}-m.sock`), role))
  })

async function withKeys(act: (admin: ReturnType<typeof keyAdmin>) => Promise<void>): Promise<void> {
  const here = installation()
  const store = connectStore(here)
  try {
    if (!(await store.ping()))
      throw new ConfigError(`no Flint is running on ${here.paths.root}: start it, or set dataDir (FLINT_DATA_DIR)`, 'dataDir')
    await act(keyAdmin(here, store))
  } finally {
    await store.close()
  }
}

async function onlyOrganisation(organisations: ReadonlyArray<{ readonly id: string }>): Promise<string> {
  const [first, ...others] = organisations
  if (!first || others.length > 0) throw new ConfigError(`there are ${organisations.length} organisations: name one with --org`, 'org')
  return first.id
}

function readSocket(socketPath: string, role: string): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/metrics' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    request.on('error', () => resolve(`# ${role} does not run here\n`))
  })
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
    const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
    // What `up` reports of its own children is ours to say; a role's crash is named only.
    const message = error instanceof Error && process.argv[2] === 'up' ? error.message : errorName(error)
    console.error([`flint: ${message}`, ...(process.argv[2] === 'up' ? [] : frames)].join('\n'))
  }
  process.exit(1)
}

process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
await program.parseAsync().catch(crash)
