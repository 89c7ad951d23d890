import type { Outcome } from '../../evidence/outcome.ts'
import type { UsageSource } from '../../evidence/usage.ts'
import { OUTCOMES, USAGE_SOURCES } from './call-values.ts'
import { FAILED } from './failed.ts'
import { HISTOGRAMS, TOKEN_COLUMNS, TOKEN_NAMES, type TokenName } from './rollup-columns.ts'
import { addSteps, type TimeSteps } from './time-steps.ts'

/** What can be left out of a summary because it costs: calls are always there. */
export const MEASURES = ['tokens', 'cost', 'latency', 'firstByte'] as const
export type Measure = (typeof MEASURES)[number]

/** Sums over calls; what was not asked for is 0 and empty. */
export interface SummaryTotals {
  readonly calls: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Forwarded calls with a status of 400 or more, or an outcome `upstream_*`. */
  readonly failed: number
  readonly usageSources: Readonly<Record<UsageSource, number>>
  /** Of calls that are not known to be on no bill. */
  readonly tokens: Readonly<Record<TokenName, number>>
  readonly cost: {
    readonly exactCalls: number
    /** US dollars as decimal text. */
    readonly exactUsd: string
    readonly estimatedCalls: number
    readonly estimatedUsd: string
    /** Calls without a price: the sums above are a lower bound as soon as there is one. */
    readonly unpricedCalls: number
  }
  /** Of `complete` calls through Envoy that were no websockets. */
  readonly latency: TimeSteps
  readonly firstByte: TimeSteps
}

const TIMED = `outcome = 'complete' AND source IN ('proxy', 'mesh') AND ifNull(status, 0) != 101`

/**
 * Sums as SQL, over rows with the columns of a group of `calls_quarter`: the same over rollup and
 * records.
 */
export function totalsSql(measures: readonly Measure[]): string {
  const columns = [
    'sum(calls) AS total_calls',
    ...OUTCOMES.map((name) => `sumIf(calls, outcome = '${name}') AS outcome_${name}`),
    `sumIf(calls, ${FAILED}) AS failed_calls`,
    ...USAGE_SOURCES.map((name) => `sumIf(calls, usage_source = '${name}') AS usage_${name}`),
    ...(measures.includes('tokens')
      ? Object.values(TOKEN_COLUMNS).map(
          (column) => `sumIf(${column}, ifNull(billable, true)) AS sum_${column}`,
        )
      : []),
    ...(measures.includes('cost')
      ? [
          `sumIf(calls, ifNull(cost_status = 'exact', false)) AS exact_calls`,
          `toString(sumIf(cost_usd, ifNull(cost_status = 'exact', false))) AS exact_usd`,
          `sumIf(calls, ifNull(cost_status = 'estimated', false)) AS estimated_calls`,
          `toString(sumIf(cost_usd, ifNull(cost_status = 'estimated', false))) AS estimated_usd`,
          `sumIf(calls, ifNull(cost_status = 'unpriced', false)) AS unpriced_calls`,
        ]
      : []),
    ...measures.flatMap((measure) =>
      measure === 'latency' || measure === 'firstByte'
        ? [
            `sumMapIf(${HISTOGRAMS[measure].prefix}_steps, ${HISTOGRAMS[measure].prefix}_calls, ${TIMED}) AS ${HISTOGRAMS[measure].prefix}`,
          ]
        : [],
    ),
  ]
  return columns.join(', ')
}

/** A row of `totalsSql`, by column. */
export type SumRow = Readonly<Record<string, unknown>>

/** The sum of any number of rows of `totalsSql`. */
export function addUp(rows: readonly SumRow[]): SummaryTotals {
  const number = (column: string) => rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0)
  const usd = (column: string) =>
    usdText(rows.reduce((sum, row) => sum + picoUsd(String(row[column] ?? '0')), 0n))
  const record = <K extends string>(names: readonly K[], column: (name: K) => string) =>
    Object.fromEntries(names.map((name) => [name, number(column(name))])) as Record<K, number>
  const steps = (column: string) => {
    const sum = new Map<number, number>()
    for (const row of rows) addSteps(sum, stepsOf(row[column]))
    return sum
  }
  return {
    calls: number('total_calls'),
    outcomes: record(OUTCOMES, (name) => `outcome_${name}`),
    failed: number('failed_calls'),
    usageSources: record(USAGE_SOURCES, (name) => `usage_${name}`),
    tokens: record(TOKEN_NAMES, (name) => `sum_${TOKEN_COLUMNS[name]}`),
    cost: {
      exactCalls: number('exact_calls'),
      exactUsd: usd('exact_usd'),
      estimatedCalls: number('estimated_calls'),
      estimatedUsd: usd('estimated_usd'),
      unpricedCalls: number('unpriced_calls'),
    },
    latency: steps(HISTOGRAMS.latency.prefix),
    firstByte: steps(HISTOGRAMS.firstByte.prefix),
  }
}

/** A pair of lists, steps and their calls, as `sumMap` gives it. */
function stepsOf(value: unknown): TimeSteps {
  if (!Array.isArray(value)) return new Map()
  const [steps, calls] = value
  if (!Array.isArray(steps) || !Array.isArray(calls)) return new Map()
  return new Map(steps.map((step, n) => [Number(step), Number(calls[n])]))
}

const PLACES = 12

/** Decimal text of up to twelve places as whole numbers of 10^-12 dollars: sums stay exact. */
export function picoUsd(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(PLACES, '0').slice(0, PLACES))
  return text.startsWith('-') ? -value : value
}

function usdText(pico: bigint): string {
  const digits = (pico < 0n ? -pico : pico).toString().padStart(PLACES + 1, '0')
  let fraction = digits.slice(-PLACES)
  while (fraction.endsWith('0')) fraction = fraction.slice(0, -1)
  const text = `${digits.slice(0, -PLACES)}${fraction === '' ? '' : `.${fraction}`}`
  return pico < 0n ? `-${text}` : text
}
