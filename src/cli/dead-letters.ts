import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { createDeadLetters, type DeadLetters, type LetterPlace } from '../delivery/dead-letters.ts'
import { putLettersBack } from '../delivery/put-letters-back.ts'
import { textTable } from '../text-table.ts'
import { installation, say } from './running-flint.ts'

interface Wish {
  readonly org?: string
  readonly json?: boolean
}

/**
 * `flint dead-letters`: rows that the store refused, in this data directory; for the operator,
 * whether Flint runs or not.
 */
export function addDeadLetterCommands(program: Command): void {
  const command = program
    .command('dead-letters')
    .description('rows that ClickHouse refused for what they hold; for the operator')
  command
    .command('list')
    .description('which there are, without what they hold')
    .option('--org <id>', 'of this organisation only')
    .option('--json', 'for programs')
    .action(async ({ org, json }: Wish) => {
      const { letters } = open()
      const heads = await Promise.all(
        (await letters.list(org)).map((place) => headOf(letters, place)),
      )
      say(json === true ? JSON.stringify(heads) : asText(heads))
    })
  command
    .command('show <id>')
    .description('one of them with its row, previews of prompts included')
    .action(async (id: string) => {
      const { letters } = open()
      // JSON: no character of the row reaches the terminal as it is.
      for (const place of await named(letters, id))
        say(JSON.stringify(await letters.read(place), null, 2))
    })
  command
    .command('retry [id]')
    .description(
      'put one, or all of them, back into the spool; what is refused again is a dead letter again',
    )
    .option('--org <id>', 'of this organisation only')
    .action(async (id: string | undefined, { org }: Wish) => {
      const { letters, spool } = open()
      const places = id === undefined ? await letters.list(org) : await named(letters, id)
      say(`${await putLettersBack(letters, places, spool)} put back`)
    })
}

function open(): { readonly letters: DeadLetters; readonly spool: string } {
  const { paths } = installation()
  return { letters: createDeadLetters(paths.deadLetters), spool: paths.spool }
}

async function named(letters: DeadLetters, id: string): Promise<readonly LetterPlace[]> {
  const places = (await letters.list()).filter((place) => place.id === id)
  if (places.length === 0)
    throw new ConfigError(
      `there is no dead letter ${id}: see \`npx flint dead-letters list\``,
      'id',
    )
  return places
}

async function headOf(letters: DeadLetters, place: LetterPlace) {
  const letter = await letters.read(place)
  return {
    ...place,
    recordId: letter?.recordId ?? null,
    kind: letter?.kind ?? null,
    refusedAt: letter?.refusedAt ?? null,
    reason: letter?.reason ?? null,
  }
}

function asText(heads: readonly Awaited<ReturnType<typeof headOf>>[]): string {
  if (heads.length === 0) return 'no dead letters'
  return textTable(
    ['id', 'organisation', 'day', 'refused', 'bytes', 'reason'],
    heads.map(({ id, org, day, refusedAt, bytes, reason }) => [
      id,
      org,
      day,
      refusedAt ?? '',
      String(bytes),
      reason ?? '',
    ]),
  )
}
