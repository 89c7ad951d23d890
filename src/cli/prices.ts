import { randomUUID } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { DAY_MS } from '../evidence/day.ts'
import type { PricingEvidence } from '../evidence/evidence.ts'
import { createVersionClock } from '../evidence/record-id.ts'
import { connectStore, type Installation } from '../installation.ts'
import { createPriceCall } from '../pricing/cost.ts'
import {
  installPriceBook,
  openPriceBook,
  type PriceBookOrigin,
  PriceFileError,
} from '../pricing/price-files.ts'
import { createRatesOutbox } from '../pricing/rates-outbox.ts'
import { reprice } from '../pricing/reprice.ts'
import { addEvidence } from '../store/calls/add-evidence.ts'
import type { StoreClient } from '../store/client/client.ts'
import { type PricedRow, pricedModels, pricedRows } from '../store/evidence/pricing-evidence.ts'
import { textTable } from '../text-table.ts'
import { installation, say } from './running-flint.ts'

/** Providers change prices every few weeks. */
const OLD_DAYS = 60

/** What a run of `flint reprice` did. */
export interface Repricing {
  readonly calls: number
  readonly changed: number
}

/** `flint prices` and `flint reprice`. */
export function addPriceCommands(program: Command): void {
  const prices = program.command('prices').description('the price book')
  prices
    .command('check')
    .description('models in the records without a price, and how old the book is')
    .option('--days <n>', 'how far back to look', dayCount, 30)
    .option('--json', 'for programs')
    .action(async ({ days, json }: { days: number; json?: boolean }) => {
      const here = installation()
      await withStore(here, async (store) => {
        const report = await checkPrices(here, store, Date.now(), days)
        if (json) return say(JSON.stringify(report))
        say(
          `price book ${report.source}, ${ageText(report, report.ageDays)}${report.ageDays > OLD_DAYS ? ': bring a newer one' : ''}`,
        )
        if (report.models.length === 0)
          return say(`every model of the last ${days} days has a price`)
        say(
          textTable(
            ['provider', 'model', 'calls', 'without price', 'why', 'last'],
            report.models.map((row) => [
              row.provider,
              row.model,
              `${row.calls}`,
              `${row.unpriced}`,
              row.reasons,
              row.lastAt,
            ]),
          ),
        )
      })
    })
  prices
    .command('update')
    .description(
      'take a newer price book from a file (the data of genai-prices); calls from now on are priced by it',
    )
    .requiredOption('--file <path>', 'JSON')
    .action(({ file }: { file: string }) => {
      try {
        const { source } = installPriceBook(installation().paths.prices, file)
        say(`${source} is in use within seconds; \`npx flint reprice\` prices earlier calls by it`)
      } catch (error) {
        if (error instanceof PriceFileError) throw new ConfigError(error.message, 'file')
        throw error
      }
    })
  program
    .command('reprice')
    .description(
      'price earlier calls again by the book and contracts of now; the old figures stay in the evidence',
    )
    .requiredOption('--from <time>', 'first, ISO 8601', isoTime)
    .requiredOption('--to <time>', 'before, ISO 8601', isoTime)
    .option('--org <id>', 'of one organisation')
    .option('--dry-run', 'count only')
    .action(
      async ({
        from,
        to,
        org,
        dryRun,
      }: {
        from: number
        to: number
        org?: string
        dryRun?: boolean
      }) => {
        if (from >= to) throw new ConfigError('--from must be before --to', 'from')
        const here = installation()
        await withStore(here, async (store) => {
          const done = await repriceRange(
            here,
            store,
            { org: org ?? null, fromMs: from, toMs: to },
            dryRun === true,
          )
          say(
            `${done.calls} calls looked at, ${done.changed} ${dryRun ? 'would change' : 'have a new price'}`,
          )
        })
      },
    )
}

export async function checkPrices(
  here: Installation,
  store: StoreClient,
  nowMs: number,
  days: number,
) {
  const { book, ...origin } = openPriceBook(here.paths.prices)
  const seen = await pricedModels(store, nowMs - days * DAY_MS)
  const models = seen
    .filter((row) => {
      const provider = here.providers.named(row.provider)
      return (
        Number(row.unpriced) > 0 ||
        (provider !== undefined && book.find(provider.prices, String(row.model), nowMs) === null)
      )
    })
    .map((row) => ({
      provider: String(row.provider),
      model: String(row.model),
      calls: Number(row.calls),
      unpriced: Number(row.unpriced),
      reasons: Array.isArray(row.reasons) ? row.reasons.join(' ') : '',
      lastAt: String(row.last_at),
    }))
  // Prices were published before their file was brought: they are at least so old.
  const ageDays = Math.floor((nowMs - Date.parse(origin.publishedOn ?? origin.broughtOn)) / DAY_MS)
  return { ...origin, ageDays, models }
}

function ageText({ publishedOn, broughtOn }: PriceBookOrigin, ageDays: number): string {
  return publishedOn === null
    ? `brought in on ${broughtOn}, ${ageDays} days ago (when it was published is not known)`
    : `published on ${publishedOn}, ${ageDays} days ago`
}

/**
 * Adds a pricing row for every call whose price is another now. Running it twice changes nothing
 * more.
 */
export async function repriceRange(
  here: Installation,
  store: StoreClient,
  range: { readonly org: string | null; readonly fromMs: number; readonly toMs: number },
  dryRun: boolean,
): Promise<Repricing> {
  const { book } = openPriceBook(here.paths.prices)
  const onRates = dryRun ? () => {} : createRatesOutbox(here.paths.ratesOutbox)
  const { providers, config } = here
  const price = createPriceCall({ book, providers, overrides: config.pricing.overrides, onRates })
  const version = createVersionClock()
  let calls = 0
  let changed = 0
  for await (const page of pricedRows(store, range)) {
    const rows = page.flatMap((row): PricingEvidence[] => {
      const key = {
        org: String(row.org),
        created_at: String(row.created_at),
        record_id: String(row.record_id),
      }
      const reported = member(row, 'reported')
      // What a provider that is configured no more was billed at stands.
      if (providers.named(reported.provider) === undefined) return []
      const made = reprice({ key, reported, price: member(row, 'price') }, price, Number(row.at_ms))
      if (made === null) return []
      const {
        costUsd: cost_usd,
        costStatus: cost_status,
        priceVersion: price_version,
        costReason: cost_reason,
        provider,
      } = made
      return [
        {
          kind: 'pricing',
          ...key,
          version: version(),
          writer: `${here.instance}/reprice`,
          provider,
          cost_usd,
          cost_status,
          price_version,
          cost_reason,
        },
      ]
    })
    calls += page.length
    changed += rows.length
    if (!dryRun) await addEvidence(store, rows, randomUUID())
  }
  return { calls, changed }
}

function member(row: PricedRow, name: string): Readonly<Record<string, unknown>> {
  const value = row[name]
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
}

async function withStore(
  here: Installation,
  act: (store: StoreClient) => Promise<void>,
): Promise<void> {
  const store = connectStore(here)
  try {
    await act(store)
  } finally {
    await store.close()
  }
}

function isoTime(text: string): number {
  const atMs = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('must be a time, ISO 8601')
  return atMs
}

function dayCount(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 1)
    throw new InvalidArgumentError('must be a whole number of days')
  return days
}
