import { LONGEST_OPEN_SECONDS, OBSERVATION_GRACE_SECONDS } from '../../evidence/outcome.ts'
import type { StoreClient } from '../client/client.ts'
import { END_ROWS } from '../evidence/end-kinds.ts'
import { time } from './call-filter.ts'

/** What is missing of a call that was let through, most missing first. */
export const LOSS_REASONS = [
  /** Its end is not known, for longer than a call may last. */
  'end_unknown',
  /** Its end is known from Envoy; no observer saw it. */
  'not_observed',
  /** The observer that saw its beginning never came back with the rest. */
  'observation_unfinished',
  /** The copy broke off before the call did. */
  'stream_lost',
  /** The observer let go of the copy to spare the caller. */
  'observer_overloaded',
  /**
   * A row of the call was refused by the store for what it held: a part of the record is missing, a
   * dead letter holds it.
   */
  'row_refused',
] as const
export type LossReason = (typeof LOSS_REASONS)[number]

export interface LossQuery {
  /** Null for the operator, who sees every organisation. */
  readonly org: string | null
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** At most so many calls are named, newest first; the counts are of all. */
  readonly limit: number
}

interface LossWindow {
  readonly org: string
  readonly fromMs: number
  readonly toMs: number
  /** Calls of the window that were let through. */
  readonly calls: number
  readonly lost: number
  readonly reasons: Readonly<Record<LossReason, number>>
}

export interface LossLedger {
  readonly calls: number
  readonly lost: number
  /** Calls of which more evidence may still come: not counted as lost. */
  readonly open: number
  /** Calls that Envoy reports and no gate: none where every call passes a gate. */
  readonly envoyOnly: number
  /** Calls of which the observer saw another status than Envoy sent. */
  readonly differing: number
  /** Windows of an hour in which something was lost, newest first. */
  readonly windows: readonly LossWindow[]
  readonly losses: ReadonlyArray<{
    readonly org: string
    readonly requestId: string
    readonly createdAtMs: number
    readonly reason: LossReason
  }>
}

/**
 * (intents ∪ Envoy's log) − observations: what Flint owes an account of and does not have. A
 * query, because counters cannot prove loss.
 */
export interface LossQueries {
  /**
   * The ledger of one organisation rejects with ClickHouse's TIMEOUT_EXCEEDED after five seconds;
   * the operator waits.
   */
  losses(query: LossQuery): Promise<LossLedger>
}

const WINDOW_MS = 3_600_000

export function createLossQueries(client: StoreClient): LossQueries {
  return {
    async losses({ org, fromMs, toMs, limit }) {
      const whose = org === null ? 'true' : 'org = {org:String}'
      const bound = { from_ms: fromMs, to_ms: toMs, ...(org === null ? {} : { org }) }
      const calls = `(${JUDGED} WHERE ${whose} AND created_at >= ${time('from_ms')} AND created_at < ${time('to_ms')} ${PER_CALL})`
      // The evidence lies in the order of the groups: it is read through, never held.
      const settings = {
        optimize_aggregation_in_order: 1,
        ...(org === null ? {} : { max_execution_time: 5 }),
      } as const
      const [counted, named] = await Promise.all([
        client.rows({
          tag: 'losses:windows',
          sql: `SELECT org, toUnixTimestamp(toStartOfHour(created_at)) AS hour, reason, count() AS calls, countIf(envoy_only) AS envoy_only, countIf(differs) AS differing FROM ${calls} GROUP BY org, hour, reason ORDER BY hour DESC, org`,
          params: bound,
          settings,
        }),
        client.rows({
          tag: 'losses:calls',
          sql: `SELECT org, record_id, toUnixTimestamp64Milli(created_at) AS ms, reason FROM ${calls} WHERE reason NOT IN ('', 'open') ORDER BY created_at DESC, record_id DESC LIMIT {limit:UInt32}`,
          params: { ...bound, limit },
          settings,
        }),
      ])
      const rows = counted.map(
        (row): Counted => ({
          org: String(row.org),
          hour: Number(row.hour),
          reason: String(row.reason),
          calls: Number(row.calls),
          envoyOnly: Number(row.envoy_only),
          differing: Number(row.differing),
        }),
      )
      const sum = (wanted: (reason: string) => boolean) =>
        rows.reduce((total, row) => total + (wanted(row.reason) ? row.calls : 0), 0)
      return {
        calls: sum(() => true),
        lost: sum((reason) => reasonOf(reason) !== null),
        open: sum((reason) => reason === 'open'),
        envoyOnly: rows.reduce((total, row) => total + row.envoyOnly, 0),
        differing: rows.reduce((total, row) => total + row.differing, 0),
        windows: windowsOf(rows),
        losses: named.flatMap((row) => {
          const reason = reasonOf(row['reason'])
          return reason === null
            ? []
            : [
                {
                  org: String(row.org),
                  requestId: String(row.record_id),
                  createdAtMs: Number(row.ms),
                  reason,
                },
              ]
        }),
      }
    },
  }
}

function reasonOf(text: unknown): LossReason | null {
  return LOSS_REASONS.find((known) => known === text) ?? null
}

interface Counted {
  readonly org: string
  /** Seconds since the epoch. */
  readonly hour: number
  readonly reason: string
  readonly calls: number
  readonly envoyOnly: number
  readonly differing: number
}

/** How precisely a share is said. */
const SHARE_STEPS = 1_000_000

/**
 * The share of calls that were wholly observed, of those whose end is known: rounded down, so that
 * it is 1 only where nothing was lost. Null where there were none.
 */
export function coverageOf({ calls, lost, open }: Pick<LossLedger, 'calls' | 'lost' | 'open'>) {
  const judged = calls - open
  return judged === 0 ? null : Math.floor((SHARE_STEPS * (judged - lost)) / judged) / SHARE_STEPS
}

function windowsOf(rows: readonly Counted[]): LossWindow[] {
  const windows = new Map<string, LossWindow>()
  for (const { org, hour, reason, calls } of rows) {
    const key = `${org} ${hour}`
    const fromMs = hour * 1_000
    const window = windows.get(key) ?? {
      org,
      fromMs,
      toMs: fromMs + WINDOW_MS,
      calls: 0,
      lost: 0,
      reasons: NO_LOSS,
    }
    const lost = reasonOf(reason)
    windows.set(key, {
      ...window,
      calls: window.calls + calls,
      lost: window.lost + (lost === null ? 0 : calls),
      reasons: lost === null ? window.reasons : { ...window.reasons, [lost]: calls },
    })
  }
  return [...windows.values()].filter(({ lost }) => lost > 0)
}

const NO_LOSS = Object.fromEntries(LOSS_REASONS.map((reason) => [reason, 0])) as Record<
  LossReason,
  number
>

/**
 * One row per call that was let through, and per report of which a row was refused: '' when its
 * observation is whole, else why not. A copy that broke off together with its call is whole when it
 * holds all that Envoy passed on, or the protocol's last event: with two observers the one that saw
 * the call may not be the one that heard of its end. So is the copy of a request that its provider
 * answered before it had ended.
 */
const JUDGED = `SELECT org, created_at, record_id,
    countIf(kind = 'intent') > 0 AS intended,
    countIf(kind = 'intent' AND error_code IS NOT NULL) > 0 AS refused,
    countIf(kind = 'erasure') > 0 AS erased,
    countIf(kind IN ${END_ROWS}) > 0 AS ended,
    countIf(kind = 'run_ended') > 0 AS run_ended,
    argMaxIf(tuple(gap), version, kind = 'intent') AS intended_as,
    argMaxIf(tuple(gap), version, kind = 'report') AS reported_as,
    argMaxIf(tuple(gap), version, kind = 'deferred') AS deferred_as,
    ifNull(tupleElement(reported_as, 1) = 'row_refused', false) AS report_refused,
    countIf(kind = 'observation') > 0 AS observed,
    ended AND NOT intended AS envoy_only,
    -- 0: Envoy had no status to send before the caller left.
    ifNull(argMaxIf(tuple(status), version, kind = 'observation' AND \`final\`).1 != nullIf(argMaxIf(tuple(status), (kind = 'closing', version), kind IN ${END_ROWS}).1, 0), false) AS differs,
    argMaxIf(tuple(response_flags, request_bytes, response_bytes, latency_ms, gap), (kind = 'closing', version), kind IN ${END_ROWS}) AS closing,
    argMaxIf(tuple(\`final\`, request_complete, response_complete, gap, request_bytes, response_bytes, answer_end_bytes), version, kind = 'observation') AS seen,
    dateDiff('millisecond', created_at, now64(3, 'UTC')) / 1000 AS age_seconds,
    ended AND ifNull(tupleElement(closing, 1), '') != '' AND ifNull(tupleElement(seen, 5) >= tupleElement(closing, 2) AND tupleElement(seen, 6) >= tupleElement(closing, 3), false) AS held_all,
    ended AND ifNull(tupleElement(seen, 7) <= tupleElement(closing, 3), false) AS has_whole_answer,
    ended AND ifNull(tupleElement(seen, 3) AND tupleElement(seen, 5) >= tupleElement(closing, 2), false) AS answered_early,
    report_refused OR arrayExists(gap -> ifNull(gap = 'row_refused', false),
      [tupleElement(intended_as, 1), tupleElement(deferred_as, 1), tupleElement(closing, 5), tupleElement(seen, 4)]) AS row_refused,
    multiIf(
      row_refused, 'row_refused',
      observed AND ifNull(tupleElement(seen, 1), false), multiIf(
        ifNull(tupleElement(seen, 2) AND tupleElement(seen, 3), false) OR tupleElement(seen, 4) = 'call_ended_early', '',
        tupleElement(seen, 4) = 'observer_overloaded', 'observer_overloaded',
        held_all OR answered_early OR has_whole_answer, '',
        'stream_lost'),
      age_seconds <= ${LONGEST_OPEN_SECONDS} AND if(ended, age_seconds - ifNull(tupleElement(closing, 4), 0) / 1000 <= ${OBSERVATION_GRACE_SECONDS}, NOT run_ended), 'open',
      observed, 'observation_unfinished',
      ended, 'not_observed',
      'end_unknown') AS reason
  FROM evidence`
const PER_CALL =
  'GROUP BY org, created_at, record_id HAVING (intended OR ended OR report_refused) AND NOT refused AND NOT erased'
