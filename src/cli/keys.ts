import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { type KeyAdmin, keyState } from '../identity/key-admin.ts'
import { SCOPES, type Scope } from '../identity/principal.ts'
import { keyAdmin } from '../installation.ts'
import type { KeyRow } from '../store/identity/identity-rows.ts'
import { createKeyUses, type KeyUses } from '../store/identity/key-uses.ts'
import { textTable } from '../text-table.ts'
import { CLI_ACTOR, organisationOf, say, withRunning } from './running-flint.ts'

const actor = CLI_ACTOR

const withKeys = (act: (admin: KeyAdmin, uses: KeyUses) => Promise<void>) =>
  withRunning((here, store) => act(keyAdmin(here, store), createKeyUses(store)))

/** `flint keys`: the keys of every organisation of this installation. */
export function addKeyCommands(program: Command): void {
  const keys = program.command('keys').description('Flint keys of a running Flint')
  keys
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--name <name>', 'what or whom it is for')
    .option('--org <id>', 'organisation; may be left out while there is only one')
    .option('--scopes <list>', `comma separated: ${SCOPES.join(', ')}`, scopeList)
    .option('--expires <time>', 'ISO 8601', futureDate)
    .option('--reason <text>', 'why; kept in the event')
    .option('--json', 'for programs')
    .action(
      (wish: {
        name: string
        org?: string
        scopes?: Scope[]
        expires?: Date
        reason?: string
        json?: boolean
      }) =>
        withKeys(async (admin) => {
          const org = await organisationOf(wish.org, () => admin.listOrganisations())
          const scopes = wish.scopes ? { scopes: wish.scopes } : {}
          const made = await admin.createKey({
            actor,
            org,
            name: wish.name,
            reason: wish.reason,
            ...scopes,
            expiresAt: wish.expires ?? null,
          })
          say(
            wish.json
              ? JSON.stringify(made)
              : `${made.key}\n\n${made.id} of ${made.org}, scopes ${made.scopes.join(', ')}. It is in force within a few seconds and is not shown again.`,
          )
        }),
    )
  keys
    .command('list')
    .description('every key, without the keys themselves')
    .option('--org <id>', 'of one organisation')
    .option('--json', 'for programs')
    .action(({ org, json }: { org?: string; json?: boolean }) =>
      withKeys(async (admin, uses) => {
        const [rows, lastUses] = await Promise.all([admin.listKeys(org), uses.lastUses(org)])
        const lastUse = ({ id }: KeyRow) => lastUses.get(id) ?? null
        if (json)
          return say(
            JSON.stringify(
              rows.map((row) => ({ ...row, keyHash: undefined, lastUsedAt: lastUse(row) })),
            ),
          )
        const state = (row: KeyRow) =>
          row.revokedAt
            ? `revoked ${row.revokedAt}`
            : row.expiresAt
              ? `${keyState(row, Date.now())}, expires ${row.expiresAt}`
              : 'active'
        const head = ['id', 'organisation', 'name', 'key', 'scopes', 'created', 'last use', 'state']
        const cells = (row: KeyRow) => [
          row.id,
          row.org,
          row.name,
          row.hint,
          row.scopes.join(' '),
          row.createdAt,
          lastUse(row) ?? '-',
          state(row),
        ]
        say(textTable(head, rows.map(cells)))
      }),
    )
  keys
    .command('rename')
    .description('give a key another name')
    .argument('<id>', 'key id, as `npx flint keys list` shows it')
    .requiredOption('--name <name>', 'what or whom it is for')
    .option('--reason <text>', 'why; kept in the event')
    .action((id: string, { name, reason }: { name: string; reason?: string }) =>
      withKeys(async (admin) => {
        const own = await ownKey(admin, id)
        if ((await admin.renameKey({ actor, reason, ...own, name })) === 'not_found')
          throw noSuchKey(id)
        say(`${id} is called ${name}`)
      }),
    )
  keys
    .command('rotate')
    .description(
      'make a new key with the name and scopes of another, which stays in force for the overlap',
    )
    .argument('<id>', 'key id, as `npx flint keys list` shows it')
    .option('--overlap <seconds>', 'how long the old key stays in force', wholeSeconds, 86_400)
    .option('--expires <time>', 'of the new key, ISO 8601', futureDate)
    .option('--reason <text>', 'why; kept in the event')
    .option('--json', 'for programs')
    .action(
      (
        id: string,
        {
          overlap,
          expires,
          reason,
          json,
        }: { overlap: number; expires?: Date; reason?: string; json?: boolean },
      ) =>
        withKeys(async (admin) => {
          const made = await admin.rotateKey({
            actor,
            reason,
            ...(await ownKey(admin, id)),
            overlapMs: overlap * 1000,
            expiresAt: expires ?? null,
          })
          if (made === 'not_found') throw noSuchKey(id)
          if (made === 'not_active')
            throw new ConfigError(
              `${id} is expired or revoked: make a new key with \`npx flint keys create\``,
              'id',
            )
          say(
            json
              ? JSON.stringify(made)
              : `${made.key}\n\n${made.id} replaces ${id}, which stays in force for ${overlap} seconds. It is not shown again.`,
          )
        }),
    )
  keys
    .command('revoke')
    .description('end a key; gates follow within seconds')
    .argument('<id>', 'key id, as `npx flint keys list` shows it')
    .option('--reason <text>', 'why; kept in the event')
    .action((id: string, { reason }: { reason?: string }) =>
      withKeys(async (admin) => {
        if (!(await admin.revokeKey({ actor, reason, id }))) throw noSuchKey(id)
        say(`${id} is revoked`)
      }),
    )
}

async function ownKey(admin: KeyAdmin, id: string): Promise<{ org: string; id: string }> {
  const key = (await admin.listKeys()).find((candidate) => candidate.id === id)
  if (!key) throw noSuchKey(id)
  return { org: key.org, id }
}

function noSuchKey(id: string): ConfigError {
  return new ConfigError(`there is no key ${id}: see \`npx flint keys list\``, 'id')
}

function scopeList(text: string): Scope[] {
  return text.split(',').map((name) => {
    const scope = SCOPES.find((known) => known === name.trim())
    if (!scope) throw new InvalidArgumentError(`scopes are ${SCOPES.join(', ')}`)
    return scope
  })
}

function futureDate(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime()) || date.getTime() <= Date.now())
    throw new InvalidArgumentError('must be a time to come, ISO 8601')
  return date
}

function wholeSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isInteger(seconds) || seconds < 0)
    throw new InvalidArgumentError('must be a whole number of seconds')
  return seconds
}
