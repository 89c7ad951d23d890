import type { GateCounters } from '../extproc/gate.ts'
import type { FailureReason } from '../identity/authentication-failures.ts'
import type { SpoolCounters } from '../spool/spool-counters.ts'
import { type Aging, identityMetrics } from './identity-metrics.ts'
import { counter, type Definitions, gauge, type Metric, metricsOf } from './metric.ts'
import { spoolDefinitions } from './spool-metrics.ts'

const GATE: Definitions<Omit<GateCounters, 'verdicts'>> = {
  forwarded: counter('flint_gate_forwarded_total', 'Calls that were let through to a provider.'),
  refused: counter(
    'flint_gate_refused_total',
    'Calls that were refused, by error code. audit_unavailable: the intent could not be written, or keys could not be checked.',
    'code',
  ),
  secondSightings: counter(
    'flint_gate_second_sightings_total',
    'Calls that a second proxy had too and that have the record of the first.',
  ),
  tagsDropped: counter(
    'flint_gate_tags_dropped_total',
    'Tags left out because a call carried too many, or too long ones.',
  ),
}
export const GATE_SPOOL = spoolDefinitions('flint_gate_spool', 'intents')

export interface GateNumbers {
  readonly counters: GateCounters
  readonly authenticationFailed: Record<FailureReason, number>
  readonly spool: SpoolCounters
  readonly keys: Aging
  readonly settings: Aging
  readonly loopLagMs: () => number
  /** When certificates end, seconds since the epoch, by the setting that names their file. */
  readonly certificateEnds: () => Iterable<readonly [setting: string, atSeconds: number]>
}

export function gateMetrics({
  counters,
  authenticationFailed,
  spool,
  keys,
  settings,
  loopLagMs,
  certificateEnds,
}: GateNumbers): Metric[] {
  return [
    ...metricsOf(GATE, counters),
    {
      definition: {
        name: 'flint_gate_verdict_seconds',
        type: 'histogram',
        help: 'How long a call was in the gate, from its headers to the verdict, intent on disk included; waiting for the event loop is not in it.',
      },
      histogram: counters.verdicts,
    },
    ...metricsOf(GATE_SPOOL, spool),
    ...identityMetrics('gate', { authenticationFailed, keys, settings }),
    gauge(
      'flint_gate_loop_lag_seconds',
      'How late the last tick of the event loop came.',
      () => loopLagMs() / 1_000,
    ),
    {
      definition: {
        name: 'flint_gate_certificate_end_timestamp_seconds',
        type: 'gauge',
        help: 'When the first certificate of a file ends, seconds since the epoch, by the setting that names the file; none where it cannot be read.',
        label: 'name',
      },
      read: certificateEnds,
    },
  ]
}
