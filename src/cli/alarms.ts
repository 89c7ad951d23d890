import { askSocket } from '../ask-socket.ts'
import type { DataPaths } from '../config/data-paths.ts'
import { METERED_ROLES, readMetrics } from './read-socket.ts'

export interface Alarm {
  readonly name: string
  readonly value: number
}

/** Counters that move when something was or may have been lost. */
const OURS = [
  'flint_gate_spool_refused',
  'flint_gate_spool_torn_tails',
  'flint_gate_spool_strayed',
  'flint_observer_streams_lost',
  'flint_observer_shed',
  'flint_observer_forged',
  'flint_observer_rows_refused',
  'flint_observer_spool_torn_tails',
  'flint_delivery_dead_letters',
  'flint_delivery_letters_kept',
  'flint_delivery_letters_dropped',
  'flint_delivery_quarantine_bytes',
  'flint_delivery_backlog_bytes',
  'flint_witness_only_in_log',
  'flint_witness_without_record',
  'flint_witness_forged',
  'flint_witness_unreadable_lines',
]
const ENVOYS = [
  'streams_failed',
  'failure_mode_allowed',
  'message_timeouts',
  'spurious_msgs_received',
  'rejected_header_mutations',
  'logs_dropped',
  // Callers turned away by a limit.
  'rate_limited',
  'downstream_global_cx_overflow',
]

/** Since each part's start, of what runs here. An alarm at 0 proves nothing: 20 calls were lost with all of Envoy's counters at 0. */
export async function readAlarms(paths: DataPaths): Promise<Alarm[]> {
  const ours = await Promise.all(METERED_ROLES.map((role) => readMetrics(paths, role)))
  const envoys = await askSocket(paths.sockets.envoyAdmin, '/stats?filter=ext_proc%7Clogs_dropped%7Crate_limited%7Cglobal_cx_overflow')
  return [
    ...linesOf(ours.join('\n'), /^(flint_\w+) (\d+(?:\.\d+)?)$/).filter(({ name }) => OURS.includes(name)),
    ...linesOf(envoys ?? '', /^([\w.]+): (\d+)$/)
      .filter(({ name }) => ENVOYS.some((counter) => name.endsWith(counter)))
      .map(({ name, value }) => ({ name: `envoy ${name}`, value })),
  ]
}

function linesOf(text: string, shape: RegExp): Alarm[] {
  return text.split('\n').flatMap((line) => {
    const match = shape.exec(line)
    return match?.[1] === undefined ? [] : [{ name: match[1], value: Number(match[2]) }]
  })
}
