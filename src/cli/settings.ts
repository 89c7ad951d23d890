import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import {
  type OrganisationSettings,
  PROMPT_HASH_MODES,
  PROMPT_READ_REASONS,
  type PromptHashMode,
  type PromptReadReason,
} from '../identity/settings.ts'
import { createSettingsAdmin, type SettingsAdmin } from '../identity/settings-admin.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { CLI_ACTOR, organisationOf, say, withRunning } from './running-flint.ts'

const withSettings = (
  named: string | undefined,
  act: (admin: SettingsAdmin, org: string) => Promise<void>,
) =>
  withRunning(async (_here, store) => {
    const log = createIdentityLog(store)
    await act(createSettingsAdmin(log), await organisationOf(named, () => log.listOrganisations()))
  })

interface Flags {
  readonly org?: string
  readonly promptCapture?: boolean
  readonly retentionDays?: number
  readonly contentRetentionDays?: number
  readonly redactStoredContent?: boolean
  readonly promptHashMode?: PromptHashMode
  readonly promptReadReason?: PromptReadReason
  readonly reason?: string
}

/** `flint settings`: what an organisation decides, as `/v1/settings`. */
export function addSettingsCommands(program: Command): void {
  const settings = program
    .command('settings')
    .description('settings of an organisation of a running Flint')
  settings
    .command('get')
    .description('show them as JSON')
    .option('--org <id>', 'organisation; may be left out while there is only one')
    .action(({ org }: { org?: string }) =>
      withSettings(org, async (admin, id) => say(JSON.stringify(await admin.read(id), null, 2))),
    )
  settings
    .command('set')
    .description('change some of them; in force on every gate within 60 seconds')
    .option('--org <id>', 'organisation; may be left out while there is only one')
    .option('--prompt-capture <on|off>', 'keep prompts and completions', onOrOff)
    .option('--retention-days <days>', 'how long records are kept', days)
    .option('--content-retention-days <days>', 'how long prompts and completions are kept', days)
    .option(
      '--redact-stored-content <on|off>',
      'replace key-shaped secrets in what is stored',
      onOrOff,
    )
    .option('--prompt-hash-mode <mode>', PROMPT_HASH_MODES.join(' or '), hashMode)
    .option(
      '--prompt-read-reason <mode>',
      'whether reads of prompts need a reason: optional or required',
      readReason,
    )
    .option('--reason <text>', 'why; kept in the event')
    .action(({ org, reason, ...change }: Flags) =>
      withSettings(org, async (admin, id) => {
        const changed = await admin.change({
          org: id,
          actor: CLI_ACTOR,
          reason,
          change: change satisfies Partial<OrganisationSettings>,
        })
        if (changed.outcome === 'out_of_range')
          throw new ConfigError(`${changed.setting} ${changed.rule}`, changed.setting)
        if (changed.outcome === 'conflict')
          throw new ConfigError(
            'the settings were changed meanwhile: repeat the change',
            'settings',
          )
        say(JSON.stringify(changed.settings, null, 2))
      }),
    )
}

function onOrOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('must be on or off')
  return text === 'on'
}

function days(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isInteger(number))
    throw new InvalidArgumentError('must be a whole number of days')
  return number
}

function hashMode(text: string): PromptHashMode {
  const mode = PROMPT_HASH_MODES.find((known) => known === text)
  if (!mode) throw new InvalidArgumentError(`must be ${PROMPT_HASH_MODES.join(' or ')}`)
  return mode
}

function readReason(text: string): PromptReadReason {
  const mode = PROMPT_READ_REASONS.find((known) => known === text)
  if (!mode) throw new InvalidArgumentError(`must be ${PROMPT_READ_REASONS.join(' or ')}`)
  return mode
}
