import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import type { KeyAdmin } from '../identity/key-admin.ts'
import { keyAdmin } from '../installation.ts'
import { textTable } from '../text-table.ts'
import { CLI_ACTOR, say, withRunning } from './running-flint.ts'

const actor = CLI_ACTOR
const withAdmin = (act: (admin: KeyAdmin) => Promise<void>) =>
  withRunning((here, store) => act(keyAdmin(here, store)))

/** `flint orgs`: whose records never meet another's. */
export function addOrganisationCommands(program: Command): void {
  const orgs = program.command('orgs').description('organisations of a running Flint')
  orgs
    .command('create')
    .description('make an organisation and its first key, which is shown this once')
    .requiredOption('--name <name>', 'for people')
    .option('--json', 'for programs')
    .action(({ name, json }: { name: string; json?: boolean }) =>
      withAdmin(async (admin) => {
        const { organisation, key } = await admin.createOrganisation({ actor, name })
        say(
          json
            ? JSON.stringify({ organisation, key })
            : `${organisation.id} is made. Its first key, with all scopes, shown this once: ${key.key}`,
        )
      }),
    )
  orgs
    .command('list')
    .description('every organisation')
    .option('--json', 'for programs')
    .action(({ json }: { json?: boolean }) =>
      withAdmin(async (admin) => {
        const rows = await admin.listOrganisations()
        say(
          json
            ? JSON.stringify(rows)
            : textTable(
                ['id', 'name', 'created'],
                rows.map(({ id, name, createdAt }) => [id, name, createdAt]),
              ),
        )
      }),
    )
  orgs
    .command('rename')
    .description('give an organisation another name')
    .argument('<id>', 'as `npx flint orgs list` shows it')
    .requiredOption('--name <name>', 'for people')
    .action((id: string, { name }: { name: string }) =>
      withAdmin(async (admin) => {
        if ((await admin.renameOrganisation({ actor, id, name })) === 'not_found')
          throw new ConfigError(`there is no organisation ${id}: see \`npx flint orgs list\``, 'id')
        say(`${id} is called ${name}`)
      }),
    )
}
