import type { Command } from 'commander'
import { describeConfig, loadConfig } from '../config/load.ts'
import { METERED_ROLES, readMetrics } from './read-socket.ts'
import { installation, say } from './running-flint.ts'

/**
 * Commands that print what is there and change nothing: the API's document, the configuration, the
 * metrics.
 */
export function addPrintingCommands(program: Command): void {
  program
    .command('openapi')
    .description('print the OpenAPI document of the REST API')
    .action(async () => {
      process.stdout.write(await (await import('../api/write-openapi.ts')).renderOpenApi())
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
      for (const role of METERED_ROLES)
        say((await readMetrics(paths, role)) ?? `# ${role} does not run here\n`)
    })
}
