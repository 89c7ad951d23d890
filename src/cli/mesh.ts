import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { createMeshAdmin, type MeshAdmin } from '../identity/mesh-admin.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { textTable } from '../text-table.ts'
import { CLI_ACTOR, organisationOf, say, withRunning } from './running-flint.ts'

const withMesh = (
  act: (admin: MeshAdmin, org: (named?: string) => Promise<string>) => Promise<void>,
) =>
  withRunning(async (_here, store) => {
    const log = createIdentityLog(store)
    await act(createMeshAdmin({ log }), (named) =>
      organisationOf(named, () => log.listOrganisations()),
    )
  })

interface Flags {
  readonly org?: string
  readonly workload?: string
  readonly namespace?: string
  readonly serviceAccount?: string
  readonly cluster?: string
  readonly capture: boolean
  readonly claims?: boolean
  readonly reason?: string
}

/** `flint mesh`: which organisation calls without a Flint key belong to, as `/v1/orgs/workloads`. */
export function addMeshCommands(program: Command): void {
  const mesh = program
    .command('mesh')
    .description('which organisation the workloads of a mesh belong to')
  mesh
    .command('list')
    .description('what was assigned; of several that fit a workload the first counts')
    .option('--json', 'for programs')
    .action(({ json }: { json?: boolean }) =>
      withMesh(async (admin) => {
        const rows = await admin.list()
        say(
          json
            ? JSON.stringify(rows)
            : textTable(
                ['id', 'org', 'workload', 'namespace', 'service account', 'cluster', 'rules'],
                rows.map((row) => [
                  ...[row.id, row.org, row.workload ?? '*', row.namespace ?? '*'],
                  ...[row.serviceAccount ?? '*', row.cluster ?? '*'],
                  [row.capture ? '' : 'no texts', row.claims ? 'claims too' : '']
                    .filter((rule) => rule !== '')
                    .join(', '),
                ]),
              ),
        )
      }),
    )
  mesh
    .command('assign')
    .description('say which organisation workloads belong to; those of no option are all others')
    .option('--org <id>', 'organisation; may be left out while there is only one')
    .option('--workload <name>', 'SPIFFE ID, or the name that a proxy claims', given)
    .option('--namespace <name>', 'namespace', given)
    .option('--service-account <name>', 'service account; needs --namespace', given)
    .option('--cluster <name>', 'cluster of the proxy', given)
    .option('--no-capture', 'never keep texts of their calls')
    .option('--claims', 'also workloads whose identity is a claim')
    .option('--reason <text>', 'why; kept in the event')
    .action((flags: Flags) =>
      withMesh(async (admin, orgOf) => {
        const { workload = null, namespace = null, serviceAccount = null, cluster = null } = flags
        const assigned = await admin.assign({
          ...{ actor: CLI_ACTOR, org: await orgOf(flags.org), reason: flags.reason },
          ...{ capture: flags.capture, claims: flags.claims ?? false },
          match: { workload, namespace, serviceAccount, cluster },
        })
        if (assigned === 'incomplete')
          throw new ConfigError('--service-account needs --namespace', 'namespace')
        // The organisation was there a moment ago, and none ever goes.
        if (assigned === 'no_organisation') throw new ConfigError('no such organisation', 'org')
        say(`${assigned.id} belongs to ${assigned.org}; in force on every gate within seconds`)
      }),
    )
  mesh
    .command('unassign')
    .description('take workloads from their organisation')
    .argument('<id>', 'as `npx flint mesh list` shows it')
    .option('--reason <text>', 'why; kept in the event')
    .action((id: string, { reason }: { reason?: string }) =>
      withMesh(async (admin) => {
        if ((await admin.unassign({ actor: CLI_ACTOR, id, reason })) === 'not_found')
          throw new ConfigError(`there is no ${id}: see \`npx flint mesh list\``, 'id')
        say(`${id} belongs to no organisation any more`)
      }),
    )
}

function given(text: string): string {
  if (text === '') throw new InvalidArgumentError('must not be empty')
  return text
}
