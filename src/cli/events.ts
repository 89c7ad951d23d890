import { type Command, InvalidArgumentError } from 'commander'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { textTable } from '../text-table.ts'
import { say, withRunning } from './running-flint.ts'

const MAX_LIMIT = 10_000

/**
 * `flint events`: what was done to keys, settings, organisations and records, of all organisations
 * and none.
 */
export function addEventCommands(program: Command): void {
  program
    .command('events')
    .description('who changed what, who read which prompt, who was not let in; newest first')
    .option('--org <id>', 'of one organisation')
    .option('--action <action>', 'e.g. settings.changed')
    .option('--actor <id>', 'who did it: id of a key, operator, cli or flint')
    .option('--limit <number>', `at most ${MAX_LIMIT}`, limitOf, 50)
    .option('--json', 'one JSON object per line')
    .action(
      ({
        json,
        action,
        ...query
      }: {
        org?: string
        action?: string
        actor?: string
        limit: number
        json?: boolean
      }) =>
        withRunning(async (_here, store) => {
          const events = await createIdentityLog(store).listEvents({
            ...query,
            ...(action === undefined ? {} : { actions: [action] }),
          })
          if (json) for (const event of events) say(JSON.stringify(event))
          else {
            const change = (fields: unknown) => (fields === null ? '' : JSON.stringify(fields))
            const rows = events.map((event) => [
              event.at,
              event.org,
              event.actor,
              event.action,
              event.subject,
              event.reason ?? '',
              `${change(event.old)} → ${change(event.new)}`,
            ])
            say(textTable(['at', 'organisation', 'by', 'what', 'to', 'why', 'old → new'], rows))
          }
        }),
    )
}

function limitOf(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new InvalidArgumentError(`must be from 1 to ${MAX_LIMIT}`)
  return limit
}
