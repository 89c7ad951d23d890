import { type Command, InvalidArgumentError } from 'commander'
import { EXPORT_TYPES } from '../api/export/export-types.ts'
import { createExporter } from '../api/export/exporter.ts'
import { exportTarget } from '../app/export-target.ts'
import { ConfigError } from '../config/config-error.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../store/calls/export-columns.ts'
import { createExportQueries } from '../store/calls/export-queries.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { FILTER_HELP, FILTER_OPTION, filterOption } from './filter-option.ts'
import { CLI_ACTOR, organisationOf, say, withRunning } from './running-flint.ts'

interface Wish {
  readonly org?: string
  readonly format: ExportFormat
  readonly from?: Date
  readonly to?: Date
  readonly ingestedFrom?: Date
  readonly prompts?: boolean
  readonly filter?: string
  readonly output: string
}

const TIMES = ['from', 'to', 'ingestedFrom'] as const

/** `flint export`: the records of one organisation as a file, however many. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write the records of an organisation to a file or to S3; leaves an event')
    .requiredOption('--output <file>', 'a path, or s3://bucket/key (credentials of the setting s3)')
    .option('--org <id>', 'which organisation, where there are several')
    .option('--format <format>', EXPORT_FORMATS.join(', '), format, 'csv')
    .option('--from <time>', 'created at this time or later; ISO 8601', time)
    .option('--to <time>', 'created before this time; ISO 8601', time)
    .option('--ingested-from <time>', 'stored at this time or later; ISO 8601', time)
    .option(FILTER_OPTION, FILTER_HELP)
    .option('--prompts', 'with previews and hashes of prompts')
    .action((wish: Wish) =>
      withRunning(async (here, store) => {
        const { from, to, ingestedFrom } = wish
        if (from !== undefined && to !== undefined && from > to)
          throw new ConfigError('--from is later than --to', 'from')
        const { query, filter } = filterOption(wish.filter ?? '')
        for (const name of TIMES)
          if (wish[name] !== undefined && query[name] !== undefined)
            throw new ConfigError(`"${name}" is given twice: once is in --filter`, 'filter')
        const { ingestedFromMs = ingestedFrom?.getTime(), fromMs, toMs, ...others } = filter
        const target = exportTarget(here, wish.output)
        const log = createIdentityLog(store)
        const org = await organisationOf(wish.org, () => log.listOrganisations())
        const exporter = createExporter({
          queries: createExportQueries({ client: store, maxCountSeconds: 0 }),
          log,
        })
        const { rows, body } = await exporter.open({
          org,
          actor: CLI_ACTOR,
          format: wish.format,
          withPrompts: wish.prompts === true,
          filter: {
            ...others,
            fromMs: fromMs ?? from?.getTime(),
            toMs: toMs ?? to?.getTime(),
          },
          ingestedFromMs,
          asked: { ...query, ...asText({ from, to, ingestedFrom }) },
        })
        await target.write(body, EXPORT_TYPES[wish.format])
        say(`${rows} records of ${org} written to ${wish.output}`)
      }),
    )
}

function asText(times: Readonly<Record<string, Date | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(times).flatMap(([name, date]) =>
      date === undefined ? [] : [[name, date.toISOString()]],
    ),
  )
}

function format(text: string): ExportFormat {
  const known = EXPORT_FORMATS.find((name) => name === text)
  if (known === undefined) throw new InvalidArgumentError(`must be ${EXPORT_FORMATS.join(', ')}`)
  return known
}

function time(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('must be a time, ISO 8601')
  return date
}
