import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { DAY_MS } from '../evidence/day.ts'
import { createLossQueries, LOSS_REASONS, type LossLedger } from '../store/calls/loss-queries.ts'
import { textTable } from '../text-table.ts'
import { type Alarm, readAlarms } from './alarms.ts'
import { say, withRunning } from './running-flint.ts'

interface Wish {
  readonly from?: Date
  readonly to?: Date
  readonly limit: number
  readonly json?: boolean
}

const MAX_NAMED = 10_000

/** `flint losses`: the operator's ledger over all organisations, with the counters beside it. */
export function addLossesCommand(program: Command): void {
  program
    .command('losses')
    .description(
      'which calls were let through and not wholly observed; for the operator, over all organisations',
    )
    .option('--from <time>', 'ISO 8601, inclusive; a day before --to when left out', time)
    .option('--to <time>', 'ISO 8601, exclusive; now when left out', time)
    .option('--limit <count>', `how many calls to name, at most ${MAX_NAMED}`, limit, 20)
    .option('--json', 'for programs')
    .action((wish: Wish) =>
      withRunning(async ({ paths }, store) => {
        const toMs = wish.to?.getTime() ?? Date.now()
        const fromMs = wish.from?.getTime() ?? toMs - DAY_MS
        if (fromMs > toMs) throw new ConfigError('--from is later than --to', 'from')
        const ledger = await createLossQueries(store).losses({
          org: null,
          fromMs,
          toMs,
          limit: wish.limit,
        })
        const alarms = await readAlarms(paths)
        say(
          wish.json === true
            ? JSON.stringify(asJson(ledger, alarms, fromMs, toMs))
            : asText(ledger, alarms),
        )
      }),
    )
}

function asJson(
  { windows, losses, ...totals }: LossLedger,
  alarms: readonly Alarm[],
  fromMs: number,
  toMs: number,
) {
  return {
    from: iso(fromMs),
    to: iso(toMs),
    ...totals,
    windows: windows.map((window) => ({
      org: window.org,
      from: iso(window.fromMs),
      to: iso(window.toMs),
      calls: window.calls,
      lost: window.lost,
      reasons: window.reasons,
    })),
    losses: losses.map(({ org, requestId, createdAtMs, reason }) => ({
      org,
      requestId,
      createdAt: iso(createdAtMs),
      reason,
    })),
    alarms: Object.fromEntries(alarms.map(({ name, value }) => [name, value])),
  }
}

function asText(
  { calls, lost, open, envoyOnly, differing, windows, losses }: LossLedger,
  alarms: readonly Alarm[],
): string {
  const parts = [
    `${lost} of ${calls} calls lost, ${open} still open`,
    ...(envoyOnly > 0 ? [`${envoyOnly} calls that Envoy alone reports`] : []),
    ...(differing > 0
      ? [`${differing} calls with another status at the observer than at Envoy`]
      : []),
  ]
  if (windows.length > 0)
    parts.push(
      textTable(
        ['hour', 'organisation', 'calls', 'lost', ...LOSS_REASONS],
        windows.map((window) => [
          iso(window.fromMs),
          window.org,
          String(window.calls),
          String(window.lost),
          ...LOSS_REASONS.map((reason) => String(window.reasons[reason])),
        ]),
      ),
    )
  if (losses.length > 0)
    parts.push(
      textTable(
        ['record', 'organisation', 'created', 'reason'],
        losses.map(({ requestId, org, createdAtMs, reason }) => [
          requestId,
          org,
          iso(createdAtMs),
          reason,
        ]),
      ),
    )
  if (losses.length < lost)
    parts.push(`${lost - losses.length} more: --limit, or a narrower --from and --to`)
  if (alarms.length > 0)
    parts.push(
      'counters since each part started: alarms, no proof',
      textTable(
        ['counter', 'value'],
        alarms.map(({ name, value }) => [name, String(value)]),
      ),
    )
  return parts.join('\n')
}

const iso = (ms: number) => new Date(ms).toISOString()

function time(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('must be a time, ISO 8601')
  return date
}

function limit(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 0 || count > MAX_NAMED)
    throw new InvalidArgumentError(`must be 0 to ${MAX_NAMED}`)
  return count
}
