import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { createHoldAdmin, HOLD_LIMITS, type HoldAdmin } from '../identity/hold-admin.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import type { HoldRow } from '../store/identity/identity-rows.ts'
import { textTable } from '../text-table.ts'
import { FILTER_HELP, FILTER_OPTION, filterOption } from './filter-option.ts'
import { CLI_ACTOR, organisationOf, say, withRunning } from './running-flint.ts'

const ORG_HELP = 'organisation; may be left out while there is only one'

const withHolds = (
  named: string | undefined,
  act: (admin: HoldAdmin, org: string) => Promise<void>,
) =>
  withRunning(async (_here, store) => {
    const log = createIdentityLog(store)
    await act(createHoldAdmin({ log }), await organisationOf(named, () => log.listOrganisations()))
  })

interface Wish {
  readonly org?: string
  readonly reason: string
  readonly filter?: string
  readonly all?: boolean
  readonly json?: boolean
}

/** `flint holds`: legal holds of an organisation, as `/v1/holds`. */
export function addHoldCommands(program: Command): void {
  const holds = program
    .command('holds')
    .description('legal holds: what neither retention nor erasure removes')
  holds
    .command('list')
    .description('every hold, newest first, released ones too')
    .option('--org <id>', ORG_HELP)
    .option('--json', 'one JSON object per line')
    .action(({ org, json }: Pick<Wish, 'org' | 'json'>) =>
      withHolds(org, async (admin, id) => {
        const rows = await admin.list(id)
        if (json) for (const row of rows) say(JSON.stringify(shown(row)))
        else
          say(
            textTable(
              ['id', 'reason', 'holds', 'placed', 'by', 'released', 'why'],
              rows.map((row) => [
                ...[row.id, row.reason, whatOf(row), row.placedAt, row.placedBy],
                ...[row.releasedAt ?? '-', row.releaseReason ?? '-'],
              ]),
            ),
          )
      }),
    )
  holds
    .command('place')
    .description('hold what a filter meets, or everything; in force at once')
    .requiredOption('--reason <text>', 'why; kept in the event')
    .option(FILTER_OPTION, FILTER_HELP)
    .option('--all', 'everything of the organisation, calls to come too')
    .option('--org <id>', ORG_HELP)
    .option('--json', 'for programs')
    .action(({ reason, filter, all, org, json }: Wish) => {
      // A filter that was forgotten must not hold a whole organisation.
      if ((filter === undefined) === (all !== true))
        throw new ConfigError('name what to hold: either --filter or --all', 'filter')
      const meant = filter === undefined ? null : filterOption(filter)
      if (meant !== null && Object.keys(meant.filter).length === 0)
        throw new ConfigError('--filter names nothing to hold', 'filter')
      return withHolds(org, async (admin, id) => {
        const placed = await admin.place({
          ...{ org: id, actor: CLI_ACTOR, reason },
          filter: meant?.query ?? null,
          conditions: meant?.filter ?? null,
        })
        if (placed === 'too_many')
          throw new ConfigError(
            `at most ${HOLD_LIMITS.holds} holds can be in force, whose filters are ${HOLD_LIMITS.conditionBytes} bytes together: release one first`,
            'filter',
          )
        say(json ? JSON.stringify(shown(placed)) : `${placed.id} holds ${whatOf(placed)}`)
      })
    })
  holds
    .command('release <id>')
    .description('end a hold; what is past its time goes with the next run of retention')
    .requiredOption('--reason <text>', 'why; kept in the event')
    .option('--org <id>', ORG_HELP)
    .action((hold: string, { reason, org }: Wish) =>
      withHolds(org, async (admin, id) => {
        const released = await admin.release({ org: id, id: hold, actor: CLI_ACTOR, reason })
        if (released === 'not_found')
          throw new ConfigError(`there is no hold ${hold}: see \`npx flint holds list\``, 'id')
        say(`${released.id} released ${released.releasedAt}: ${released.releaseReason}`)
      }),
    )
}

function whatOf({ filter }: HoldRow): string {
  return filter === null ? 'everything' : JSON.stringify(filter)
}

/** Without `conditions`, which are the filter once more. */
function shown({ conditions: _, ...hold }: HoldRow) {
  return hold
}
