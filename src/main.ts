#!/usr/bin/env node
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { crash } from './cli/crash.ts'
import { addEnvoyCommands } from './cli/envoy.ts'
import { addRoleCommands } from './cli/roles.ts'
import { addUpCommand } from './cli/up.ts'

// Whatever this process and its children make is their owner's alone.
process.umask(0o077)
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)

const program = new Command('flint')
  .description('The audit log for every AI call that passes Envoy.')
  .version(packageVersion())
addUpCommand(program, fileURLToPath(import.meta.url))
addRoleCommands(program)
addEnvoyCommands(program)
// Loaded only where they may be meant: the price book and what else they need would rest in every
// process that serves.
const SERVING: readonly (string | undefined)[] = ['up', 'gate', 'observer', 'delivery', 'api']
if (!SERVING.includes(process.argv[2]))
  (await import('./cli/commands.ts')).addOtherCommands(program)
await program.parseAsync().catch(crash)

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return String((JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version)
}
